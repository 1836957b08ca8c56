#include "config/mosquitto/translate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "examples.hpp"
#include "files.hpp"

namespace headgate::config::mosquitto {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using tests::made_up_files;

translation translated(const std::string& content) {
  made_up_files files(content);
  return translate("mosquitto.conf", files);
}

YAML::Node yaml_of(const std::string& content) {
  return YAML::Load(translated(content).yaml);
}

std::string report_of(const std::string& content) {
  return report("mosquitto.conf", translated(content));
}

std::string error_of(const std::string& content) {
  try {
    (void)translated(content);
  } catch (const import_error& error) {
    return error.what();
  }
  return "";
}

// What is said about a line: "fate: what" of each finding there.
std::vector<finding> findings_at(const translation& translation, std::uint32_t line) {
  std::vector<finding> found;
  std::ranges::copy_if(translation.findings, std::back_inserter(found),
                       [&](const finding& one) { return one.where.line == line && !one.what.empty(); });
  return found;
}

fate fate_of(const std::string& option) {
  const auto found = findings_at(translated(option + "\n"), 1);
  EXPECT_EQ(1U, found.size()) << option;
  return found.empty() ? fate::translated : found.front().fate;
}

std::string listener(const YAML::Node& yaml, const std::string& name) {
  const auto node = yaml["listeners"][name];
  if (!node) return "none";
  return node["bind"].as<std::string>() + " " + node["port"].as<std::string>() +
         (node["anonymous"] ? " " + node["anonymous"].as<std::string>() : "");
}

std::string files_of(const YAML::Node& yaml) {
  return yaml["auth"]["password_file"].as<std::string>() + " " + yaml["auth"]["acl_file"].as<std::string>();
}

TEST(translate, an_empty_file_serves_this_machine_only) {
  const auto yaml = yaml_of("");
  EXPECT_EQ("127.0.0.1 1883", listener(yaml, "tcp"));
  EXPECT_EQ(1U, yaml["listeners"].size());
  EXPECT_THAT(report_of(""), HasSubstr("mosquitto.conf: listeners: no line opens one, and so both serve this machine"));
}

TEST(translate, a_listener_that_was_open_stays_open) {
  EXPECT_EQ("0.0.0.0 1883 allow", listener(yaml_of("listener 1883\nallow_anonymous true\n"), "tcp"));
  EXPECT_EQ("10.0.0.7 1884 allow", listener(yaml_of("allow_anonymous 1\nlistener 1884 10.0.0.7\n"), "tcp"));
  EXPECT_EQ(":: 1884 allow", listener(yaml_of("allow_anonymous true\nlistener 1884 ::\n"), "tcp"));
  EXPECT_EQ("::1 1884", listener(yaml_of("allow_anonymous true\nlistener 1884 ::1\n"), "tcp"));
  EXPECT_EQ("127.0.0.1 1884", listener(yaml_of("allow_anonymous true\nlistener 1884 localhost\n"), "tcp"));
  EXPECT_EQ("192.168.7.1 1884 allow", listener(yaml_of(tests::examples[8]), "tcp"));
}

TEST(translate, whom_mosquitto_refused_for_how_he_speaks_is_let_in_and_named) {
  for (const std::string option : {"allow_zero_length_clientid false", "accept_protocol_versions 5"}) {
    const auto translation = translated("listener 1883\nallow_anonymous true\n" + option + "\n");
    EXPECT_EQ("0.0.0.0 1883 allow", listener(YAML::Load(translation.yaml), "tcp"));
    const auto found = findings_at(translation, 3);
    ASSERT_EQ(1U, found.size());
    EXPECT_EQ(fate::changes_behaviour, found.front().fate);
    EXPECT_THAT(found.front().what, HasSubstr("lets in clients whom mosquitto refused"));
  }
}

TEST(translate, what_came_over_ipv6_needs_a_listener_of_its_own) {
  EXPECT_THAT(report_of("listener 1884\nallow_anonymous true\n"),
              HasSubstr("a second listener with bind: \"::\", port: 1884 and anonymous: allow"));
}

TEST(translate, a_listener_that_asked_for_users_is_left_out) {
  for (const std::string file : {"listener 1883\n",
                                 "listener 1883 127.0.0.1\nallow_anonymous false\n",
                                 "port 1883\n",
                                 "per_listener_settings true\nallow_anonymous true\nlistener 1883\n",
                                 "listener 1883\nallow_anonymous true\nplugin p.so\n",
                                 "listener 1883\nallow_anonymous true\nclientid_prefixes secure-\n",
                                 "listener 1883\nallow_anonymous true\nmount_point m/\n",
                                 "listener 1883\nallow_anonymous true\nbind_interface eth0\n",
                                 "listener 1883\nallow_anonymous true\nuse_username_as_clientid true\n",
                                 "listener 1883\nallow_anonymous true\nlistener_allow_anonymous false\n",
                                 "listener 1883\nallow_anonymous true\nprotocol websockets\n",
                                 "listener 1883\nallow_anonymous true\ncertfile c\n",
                                 "listener 1883\nallow_anonymous true\nkeyfile k\n",
                                 "listener 1883\nallow_anonymous true\ncafile ca\n",
                                 "listener 1883\nallow_anonymous true\ncertfile a,b\nkeyfile k\n",
                                 "listener 1883\nallow_anonymous true\ncertfile c\nkeyfile k\ntls_engine e\n",
                                 "listener 1883\nallow_anonymous true\ncertfile c\nkeyfile k\ntls_keyform engine\n",
                                 "listener 1883\nallow_anonymous true\nrequire_certificate true\n",
                                 "listener 1883\nallow_anonymous true\ncertfile c\nkeyfile k\n"
                                 "require_certificate true\n",
                                 "listener 1883\nallow_anonymous true\ncertfile c\nkeyfile k\n"
                                 "require_certificate true\ncapath d\n",
                                 "listener 1883\nallow_anonymous true\ncertfile c\nkeyfile k\n"
                                 "use_identity_as_username true\n",
                                 "listener 1883\nallow_anonymous true\ncertfile c\nkeyfile k\ncafile ca\n"
                                 "require_certificate true\nuse_subject_as_username true\n",
                                 "listener 1883\npassword_file \x01\n",
                                 "listener 1883\nallow_anonymous true\nacl_file \xff\n",
                                 "per_listener_settings true\nlistener 1883\nacl_file a\n",
                                 "listener 1883\nallow_anonymous true\npsk_hint h\n",
                                 "listener 1883 broker.lan\nallow_anonymous true\n",
                                 "listener 0 /run/m.sock\n",
                                 "per_listener_settings true\nallow_anonymous false\n",
                                 "listener_allow_anonymous false\n",
                                 "listener 1883\nallow_anonymous true\nenable_proxy_protocol 2\n",
                                 "per_listener_settings true\nallow_anonymous false\nmax_connections 4\n"}) {
    SCOPED_TRACE(file);
    const auto translation = translated(file);
    const auto yaml = YAML::Load(translation.yaml);
    EXPECT_EQ(1U, yaml["listeners"].size());
    EXPECT_THAT(listener(yaml, "local"), AllOf(HasSubstr("127.0.0.1 188"), Not(HasSubstr("allow"))));
    EXPECT_EQ(fate::changes_behaviour, translation.findings.front().fate);
    EXPECT_THAT(translation.findings.front().what, HasSubstr("LEFT OUT"));
  }
}

// A proxy on this machine may pass on what comes from anywhere to the port that the old listener had.
TEST(translate, the_listener_for_trying_has_a_port_that_none_had) {
  EXPECT_EQ("127.0.0.1 1884", listener(yaml_of("listener 1883 127.0.0.1\n"), "local"));
  EXPECT_EQ("127.0.0.1 1883", listener(yaml_of("listener 8883\npsk_hint h\n"), "local"));
  EXPECT_EQ("127.0.0.1 1886", listener(yaml_of("listener 1883\nlistener 1885\nlistener 1884\n"), "local"));
}

TEST(translate, what_refuses_strangers_on_a_machine_alone_is_named) {
  const std::string file = "per_listener_settings true\nallow_anonymous false\n";
  EXPECT_EQ("127.0.0.1 1884", listener(yaml_of(file), "local"));
  EXPECT_THAT(report_of(file), HasSubstr("mosquitto.conf:2: default listener, port 1883: LEFT OUT: it asks for user "
                                         "names (mosquitto.conf:2: allow_anonymous false)"));
}

// mosquitto 2 does not look at them where nothing opens a listener.
TEST(translate, the_word_of_all_listeners_about_strangers_decides_nothing_on_a_machine_alone) {
  for (const std::string value : {"true", "false"}) {
    EXPECT_EQ("127.0.0.1 1883", listener(yaml_of("allow_anonymous " + value + "\n"), "tcp"));
    EXPECT_THAT(
        report_of("allow_anonymous " + value + "\n"),
        AllOf(HasSubstr("allow_anonymous: without a listener it decides nothing"), Not(HasSubstr("see there"))));
  }
}

TEST(translate, users_and_rights_on_a_machine_alone_count_too) {
  const auto yaml = yaml_of("acl_file /etc/acl\npassword_file p\n");
  EXPECT_EQ("127.0.0.1 1883 allow", listener(yaml, "tcp"));
  EXPECT_EQ("p /etc/acl", files_of(yaml));
  EXPECT_EQ("127.0.0.1 1883 refuse",
            listener(yaml_of("per_listener_settings true\nallow_anonymous false\npassword_file p\n"), "tcp"));
}

// mosquitto lets in who gives no name there, whatever the line says.
TEST(translate, who_wanted_users_only_on_a_machine_alone_gets_them) {
  const std::string file = "allow_anonymous false\npassword_file p\n";
  EXPECT_EQ("127.0.0.1 1883 refuse", listener(yaml_of(file), "tcp"));
  EXPECT_THAT(report_of(file), HasSubstr("mosquitto.conf:1: allow_anonymous: without a listener mosquitto does not "
                                         "look at it, and lets in who gives no user name; Headgate refuses him"));
}

TEST(translate, users_and_rights_are_taken_over) {
  const auto yaml = yaml_of("listener 1883\npassword_file /etc/mosquitto/pass\"wd\nacl_file my acl # 1\n");
  EXPECT_EQ("0.0.0.0 1883 refuse", listener(yaml, "tcp"));
  EXPECT_EQ("/etc/mosquitto/pass\"wd my acl # 1", files_of(yaml));
  EXPECT_EQ("0.0.0.0 1883 allow", listener(yaml_of("listener 1883\nallow_anonymous true\npassword_file p\n"), "tcp"));
  EXPECT_EQ("127.0.0.1 1883 allow",
            listener(yaml_of("listener 1883 127.0.0.1\nallow_anonymous true\npassword_file p\n"), "tcp"));
  EXPECT_EQ("127.0.0.1 1883 refuse", listener(yaml_of("listener 1883 127.0.0.1\npassword_file p\n"), "tcp"));
}

TEST(translate, different_files_of_listeners_have_no_counterpart) {
  const auto translation = translated(tests::examples[15]);
  const auto yaml = YAML::Load(translation.yaml);
  EXPECT_EQ("one one.acl", files_of(yaml));
  EXPECT_EQ("0.0.0.0 1883 refuse", listener(yaml, "tcp"));
  EXPECT_EQ("none", listener(yaml, "tcp_1884"));
  EXPECT_EQ("none", listener(yaml, "tcp_1885"));
  EXPECT_EQ("0.0.0.0 1886 allow", listener(yaml, "tcp_1886"));
  EXPECT_THAT(translation.findings.front().what,
              HasSubstr("LEFT OUT: its users are in two, and Headgate has one file for all listeners, one"));
  EXPECT_THAT(translation.findings[1].what,
              HasSubstr("LEFT OUT: its rights are in two.acl, and Headgate has one file for all listeners, one.acl"));
  const auto text = report("m", translation);
  EXPECT_THAT(text,
              HasSubstr("mosquitto.conf:6: password_file: Headgate does not read two: no listener that is served"));
  EXPECT_THAT(text, HasSubstr("mosquitto.conf:10: listener 1886: who gives a user name there needs its password in "
                              "one, and mosquitto took any"));
  EXPECT_THAT(text, HasSubstr("mosquitto.conf:10: listener 1886: the rights in one.acl hold for its clients too"));
  EXPECT_THAT(translation.yaml, AllOf(HasSubstr("  # tcp_1884:\n"), HasSubstr("  #   anonymous: refuse\n")));
}

TEST(translate, tls) {
  const auto tls = yaml_of(
      "listener 8883\nallow_anonymous true\ncertfile /etc/s.crt\nkeyfile /etc/s.key\n"
      "ciphers ECDHE-RSA-AES256-GCM-SHA384\n")["listeners"]["tls"];
  EXPECT_EQ("tls", tls["transport"].as<std::string>());
  EXPECT_EQ("/etc/s.crt", tls["certificate"].as<std::string>());
  EXPECT_EQ("/etc/s.key", tls["key"].as<std::string>());
  EXPECT_EQ("ECDHE-RSA-AES256-GCM-SHA384", tls["tls_ciphers"].as<std::string>());
  EXPECT_EQ("allow", tls["anonymous"].as<std::string>());
  EXPECT_FALSE(tls["client_certificate"]);
  EXPECT_FALSE(tls["tls_version"]);
}

TEST(translate, certificates_that_say_who_asks_need_no_password) {
  const auto yaml = yaml_of(tests::examples[5]);
  const auto tls = yaml["listeners"]["tls"];
  EXPECT_EQ("0.0.0.0 8883 refuse", listener(yaml, "tls"));
  EXPECT_EQ("required", tls["client_certificate"].as<std::string>());
  EXPECT_EQ("ca.crt", tls["client_ca"].as<std::string>());
  EXPECT_EQ("common_name", tls["user_name"].as<std::string>());
}

TEST(translate, certificates_that_do_not_are_asked_for_beside_passwords) {
  const auto translation = translated(tests::examples[16]);
  const auto yaml = YAML::Load(translation.yaml);
  const auto tls = yaml["listeners"]["tls"];
  EXPECT_EQ("0.0.0.0 8883 refuse", listener(yaml, "tls"));
  EXPECT_EQ("required", tls["client_certificate"].as<std::string>());
  EXPECT_EQ("ca.crl", tls["crl"].as<std::string>());
  EXPECT_EQ("\"server\\one\".crt", tls["certificate"].as<std::string>());
  EXPECT_EQ("# server: key", tls["key"].as<std::string>());
  EXPECT_FALSE(tls["user_name"] || tls["tls_version"] || tls["tls_ciphers"]);
  const auto second = yaml["listeners"]["tls_8884"];
  EXPECT_EQ("1.3", second["tls_version"].as<std::string>());
  EXPECT_FALSE(second["tls_ciphers"] || second["client_ca"] || second["crl"] || second["client_certificate"]);
  EXPECT_EQ("none", listener(yaml, "tls_8885"));
  const auto text = report("m", translation);
  for (const std::string said : {
           "capath: Headgate reads authorities from one file, client_ca",
           "tls_version: Headgate speaks TLS 1.2 and 1.3",
           "ciphers_tls1.3: Headgate takes those cipher suites",
           "ciphers: they are of TLS 1.2, which tls_version leaves out",
           "dhparamfile: Headgate exchanges keys over elliptic curves",
           "crlfile: nobody is asked for a certificate",
           "cafile: nobody is asked for a certificate that it would verify",
           "listener 8885: LEFT OUT: its clients show a pre-shared key",
       }) {
    EXPECT_THAT(text, HasSubstr(said));
  }
}

TEST(translate, left_out_lines_can_be_put_back) {
  auto text = translated(tests::examples[4]).yaml;
  for (const std::string mark : {"  #   bind", "  #   port", "  #   anonymous", "  # ws:"}) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark)) text.erase(at + 2, 2);
  }
  const auto yaml = YAML::Load(text);
  EXPECT_EQ("127.0.0.1 1883 allow", listener(yaml, "tcp"));
  EXPECT_EQ("0.0.0.0 9001 refuse", listener(yaml, "ws"));
}

TEST(translate, three_listeners_users_and_a_bridge) {
  const auto translation = translated(tests::examples[4]);
  const auto yaml = YAML::Load(translation.yaml);
  EXPECT_EQ("127.0.0.1 1883 allow", listener(yaml, "tcp"));
  EXPECT_EQ("0.0.0.0 8883 refuse", listener(yaml, "tls"));
  EXPECT_EQ(2U, yaml["listeners"].size());
  EXPECT_EQ("/etc/mosquitto/passwd /etc/acl", files_of(yaml));
  const auto text = report("mosquitto.conf", translation);
  EXPECT_THAT(text, HasSubstr("mosquitto.conf:5: listener 8883: listeners.tls, on 0.0.0.0:8883, with TLS, anonymous: "
                              "refuse"));
  EXPECT_THAT(text, HasSubstr("mosquitto.conf:12: listener 9001: LEFT OUT: Headgate has no WebSockets yet"));
  EXPECT_THAT(text, HasSubstr("mosquitto.conf:16: connection cloud: LEFT OUT"));
  EXPECT_THAT(text, HasSubstr("cloud.example.org:8883"));
  EXPECT_THAT(text, HasSubstr("address 127.0.0.1:1883\n"));
  EXPECT_THAT(text, HasSubstr("topic plant/sensors/# in 1\n"));
  EXPECT_THAT(text, HasSubstr("topic commands/# out 1\n"));
  EXPECT_THAT(text, HasSubstr("topic both/# both 2\n"));
  EXPECT_THAT(text, Not(HasSubstr("notifications")));
  EXPECT_THAT(text, HasSubstr("mosquitto.conf:9: password_file: auth.password_file: /etc/mosquitto/passwd\n"));
  EXPECT_THAT(text, HasSubstr("mosquitto.conf:2: listener 1883 127.0.0.1: who gives a user name there needs its"));
}

TEST(translate, secrets_are_not_repeated) {
  for (const auto& example : tests::examples) {
    const auto translation = translated(example);
    EXPECT_THAT(translation.yaml + report("mosquitto.conf", translation),
                AllOf(Not(HasSubstr("hunter2")), Not(HasSubstr("secret"))));
  }
}

TEST(translate, limits) {
  const auto yaml = yaml_of(tests::examples[9]);
  EXPECT_EQ("500", yaml["limits"]["max_clients"].as<std::string>());
  EXPECT_EQ("32000", yaml["limits"]["max_inflight"].as<std::string>());
  EXPECT_EQ("100000", yaml["limits"]["max_packet_bytes"].as<std::string>());
  EXPECT_EQ("60", yaml["sys"]["interval_s"].as<std::string>());
  EXPECT_EQ("1024", yaml_of("max_packet_size 20\n")["limits"]["max_packet_bytes"].as<std::string>());
  EXPECT_EQ("268000000", yaml_of("message_size_limit 268435455\n")["limits"]["max_packet_bytes"].as<std::string>());
  EXPECT_FALSE(yaml_of("message_size_limit 0\n")["limits"]);
}

TEST(translate, limits_of_listeners_are_added_where_each_has_one) {
  const std::string two = "allow_anonymous true\nlistener 1\nmax_connections 10\nlistener 2\n";
  EXPECT_FALSE(yaml_of(two)["limits"]);
  EXPECT_EQ("15", yaml_of(two + "max_connections 5\n")["limits"]["max_clients"].as<std::string>());
  EXPECT_FALSE(yaml_of(two + "max_connections -1\n")["limits"]);
  EXPECT_EQ("12", yaml_of("global_max_connections 12\n" + two)["limits"]["max_clients"].as<std::string>());
  EXPECT_THAT(report_of(two), HasSubstr("mosquitto.conf:3: max_connections: Headgate limits clients of all listeners"));
}

TEST(translate, logging) {
  const auto level = [](const std::string& lines) { return yaml_of(lines)["logging"]["level"].as<std::string>(); };
  EXPECT_EQ("warning", level(tests::examples[10]));
  EXPECT_EQ("error", level("log_type error\n"));
  EXPECT_EQ("info", level("log_type error\nlog_type notice\n"));
  EXPECT_EQ("info", level("log_type all\n"));
  EXPECT_EQ("error", level("log_type all\nlog_type none\n"));
  EXPECT_EQ("error", level("log_dest none\n"));
  EXPECT_FALSE(yaml_of("log_dest stderr\n")["logging"]);
}

TEST(translate, the_longest_keep_alive) {
  EXPECT_EQ(fate::translated, fate_of("max_keepalive 60"));
  EXPECT_EQ(60, yaml_of("max_keepalive 60\n")["limits"]["max_keep_alive_s"].as<int>());
  EXPECT_EQ(fate::same_by_default, fate_of("max_keepalive 0"));
  EXPECT_THROW(yaml_of("max_keepalive 9\n"), import_error);
}

TEST(translate, values_decide_over_the_fate) {
  EXPECT_EQ(fate::same_by_default, fate_of("retain_available true"));
  EXPECT_EQ(fate::changes_behaviour, fate_of("retain_available false"));
  EXPECT_EQ(fate::same_by_default, fate_of("upgrade_outgoing_qos 0"));
  EXPECT_EQ(fate::changes_behaviour, fate_of("upgrade_outgoing_qos 1"));
  EXPECT_EQ(fate::same_by_default, fate_of("persistence false"));
  EXPECT_EQ(fate::changes_behaviour, fate_of("persistence true"));
  EXPECT_EQ(fate::harmless, fate_of("user mosquitto"));
  EXPECT_EQ(fate::harmless, fate_of("pid_file /run/m.pid"));
}

TEST(translate, the_worst_comes_first) {
  for (const auto& example : tests::examples) {
    const auto findings = translated(example).findings;
    EXPECT_TRUE(std::ranges::is_sorted(findings, {}, &finding::fate));
  }
}

TEST(translate, names_of_listeners_differ) {
  const auto yaml =
      yaml_of("allow_anonymous true\nlistener 1\nlistener 2 ::1\nlistener 2 127.0.0.1\nlistener 2 127.0.0.2\n");
  EXPECT_EQ("0.0.0.0 1 allow", listener(yaml, "tcp"));
  EXPECT_EQ("::1 2", listener(yaml, "tcp_2"));
  EXPECT_EQ("127.0.0.1 2", listener(yaml, "tcp_2_2"));
  EXPECT_EQ("127.0.0.2 2", listener(yaml, "tcp_2_3"));
}

// mosquitto does not start with them.
TEST(translate, of_listeners_in_each_others_way_the_first_one_stays) {
  for (const std::string pair :
       {"listener 7\nlistener 7 127.0.0.1\n", "listener 7\nlistener 7\n", "port 7\nlistener 7\n"}) {
    SCOPED_TRACE(pair);
    const auto translation = translated("allow_anonymous true\n" + pair);
    const auto yaml = YAML::Load(translation.yaml);
    EXPECT_EQ("0.0.0.0 7 allow", listener(yaml, "tcp"));
    EXPECT_EQ(1U, yaml["listeners"].size());
    const auto& first = translation.findings.front();
    EXPECT_EQ(3U, first.where.line);
    EXPECT_THAT(first.what,
                AllOf(HasSubstr("LEFT OUT: mosquitto.conf:2: "), HasSubstr(" 7 has this port and address already")));
    EXPECT_THAT(translation.yaml, HasSubstr("  # tcp_7:\n"));
  }
}

TEST(translate, a_listener_that_is_left_out_is_in_nobodys_way) {
  EXPECT_EQ("0.0.0.0 7 allow",
            listener(yaml_of("allow_anonymous true\nlistener 7\nprotocol websockets\nlistener 7\n"), "tcp"));
}

TEST(translate, the_admin_listener_makes_room) {
  const auto translation = translated("allow_anonymous true\nlistener 18083 127.0.0.1\nlistener 18084\n");
  const auto yaml = YAML::Load(translation.yaml);
  EXPECT_EQ("127.0.0.1 18083", listener(yaml, "tcp"));
  EXPECT_EQ("18085", yaml["admin"]["port"].as<std::string>());
  EXPECT_THAT(report("m", translation), HasSubstr("mosquitto.conf:2: admin.port: 18085"));
  EXPECT_FALSE(yaml_of("allow_anonymous true\nlistener 18083 127.0.0.2\n")["admin"]);
}

TEST(translate, listeners_that_are_too_many_are_left_out) {
  std::string file = "allow_anonymous true\n";
  for (int port = 1; port <= 66; ++port) file += "listener " + std::to_string(port) + "\n";
  const auto translation = translated(file);
  EXPECT_EQ(64U, YAML::Load(translation.yaml)["listeners"].size());
  EXPECT_EQ(66U, translation.findings.front().where.line);
  EXPECT_THAT(translation.findings.front().what, HasSubstr("LEFT OUT: Headgate has no more than 64 listeners"));
  EXPECT_THAT(translation.findings[1].what, HasSubstr("LEFT OUT"));
  EXPECT_THAT(translation.findings[2].what, Not(HasSubstr("LEFT OUT")));
}

TEST(translate, an_option_of_the_default_listener_opens_nothing) {
  const auto translation = translated("max_connections 7\n");
  EXPECT_EQ("127.0.0.1 1883", listener(YAML::Load(translation.yaml), "tcp"));
  EXPECT_THAT(report("m", translation), HasSubstr("would open port 1883 to everybody"));
}

TEST(translate, comments_say_where_it_came_from) {
  EXPECT_THAT(
      translated("listener 1883\nallow_anonymous true\nsys_interval 7\n").yaml,
      AllOf(HasSubstr("# mosquitto.conf:1: listener 1883\n"), HasSubstr("# mosquitto.conf:2: allow_anonymous true\n"),
            HasSubstr("# mosquitto.conf:3: sys_interval 7\n")));
}

TEST(translate, comments_cannot_be_broken_out_of) {
  constexpr auto line_separator = "\xe2\x80\xa8";
  constexpr auto next_line = "\xc2\x85";
  const auto line = std::string("sys_interval 7 \x1b[2J ") + line_separator + "a: 1 " + next_line + "a: 1 \xff\n";
  EXPECT_THAT(translated(line).yaml, HasSubstr("sys_interval 7 ?[2J ?a: 1 ?a: 1 ?\n"));
}

TEST(translate, refuses_what_mosquitto_refuses) {
  EXPECT_EQ("mosquitto.conf:2: mosquitto has no option 'listner': did you mean 'listener'?", error_of("\nlistner 1\n"));
  EXPECT_THAT(error_of("listeners:\n  tcp: {}\n"), HasSubstr("mosquitto.conf:1: mosquitto has no option 'listeners:'"));
  EXPECT_THAT(error_of("<html>\n"), HasSubstr("mosquitto.conf:1: mosquitto has no option"));
  EXPECT_THAT(error_of("persistence maybe\n"), HasSubstr("mosquitto.conf:1: persistence takes true or false"));
  EXPECT_THAT(error_of("sys_interval soon\n"), HasSubstr("mosquitto.conf:1: sys_interval takes a number"));
  EXPECT_THAT(error_of("sys_interval -1\n"), HasSubstr("from 0 to 65535"));
  EXPECT_THAT(error_of("listener 65536\n"), HasSubstr("mosquitto.conf:1: listener takes a port from 0 to 65535"));
  EXPECT_THAT(error_of("listener 0\n"), HasSubstr("its path is missing"));
  EXPECT_THAT(error_of("listener\n"), HasSubstr("mosquitto.conf:1: listener has no value"));
  EXPECT_THAT(error_of("port 0\n"), HasSubstr("port takes a port from 1"));
  EXPECT_THAT(error_of("protocol coap\n"), HasSubstr("protocol is mqtt or websockets"));
  EXPECT_THAT(error_of("tls_version sslv3\n"), HasSubstr("tls_version is tlsv1.3, tlsv1.2 or tlsv1.1"));
  EXPECT_THAT(error_of("log_type loud\n"), HasSubstr("log_type has no type 'loud'"));
  EXPECT_THAT(error_of("log_dest nowhere\n"), HasSubstr("log_dest has no destination 'nowhere'"));
  EXPECT_THAT(error_of("topic # both\n"), HasSubstr("there is no line 'connection' above it"));
  EXPECT_THAT(error_of("pid_file\n"), HasSubstr("mosquitto.conf:1: pid_file has no value"));
  EXPECT_THAT(error_of(std::string("port 1\n\0\n", 9)), HasSubstr("mosquitto.conf:2: there is a zero byte"));
}

TEST(translate, included_files) {
  made_up_files files("include_dir conf.d\nlistener 1\nallow_anonymous true\ninclude_dir more/\nsys_interval 4\n");
  files.files["conf.d/b.conf"] = "sys_interval 2\n";
  files.files["conf.d/B.conf"] = "sys_interval 1\nmax_connections 9\n";  // of the default listener, not of one above
  files.files["conf.d/c.config"] = "no such option\n";
  files.files["conf.d/.conf"] = "no such option\n";
  files.files["more/a.conf"] = "include_dir conf.d\nlistener 2\nallow_anonymous true\n";
  const auto translation = translate("mosquitto.conf", files);
  const auto yaml = YAML::Load(translation.yaml);
  EXPECT_EQ(4U, translation.files);
  EXPECT_EQ("4", yaml["sys"]["interval_s"].as<std::string>());
  EXPECT_EQ("127.0.0.1 1883", listener(yaml, "tcp"));
  EXPECT_EQ("0.0.0.0 1 allow", listener(yaml, "tcp_1"));
  EXPECT_EQ("0.0.0.0 2 allow", listener(yaml, "tcp_2"));
  EXPECT_THAT(translation.yaml, HasSubstr("# more/a.conf:2: listener 2"));

  files.files["conf.d/b.conf"] = "\nbrew coffee\n";
  EXPECT_THROW(
      {
        try {
          (void)translate("mosquitto.conf", files);
        } catch (const import_error& error) {
          EXPECT_THAT(error.what(), HasSubstr("conf.d/b.conf:2: mosquitto has no option 'brew'"));
          throw;
        }
      },
      import_error);
  EXPECT_EQ("mosquitto.conf:1: include_dir: nowhere cannot be read", error_of("include_dir nowhere\n"));
}

TEST(translate, included_files_come_in_mosquittos_order) {
  made_up_files files("include_dir d\n");
  for (const std::string name : {"b", "A", "01", "a", "B", "00"}) files.files["d/" + name + ".conf"] = "user x\n";
  std::vector<std::string> order;
  for (const auto& line : read_options("mosquitto.conf", files)) order.push_back(line.where.file);
  EXPECT_THAT(order, ::testing::ElementsAre("mosquitto.conf", "d/00.conf", "d/01.conf", "d/A.conf", "d/a.conf",
                                            "d/B.conf", "d/b.conf"));
}

}  // namespace
}  // namespace headgate::config::mosquitto
