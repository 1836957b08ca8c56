#include "config/mosquitto/option_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "config/table.hpp"
#include "examples.hpp"
#include "files.hpp"

namespace headgate::config::mosquitto {
namespace {

// The options of mosquitto.conf(5) of 2.0 beside those of bridges, with a value that mosquitto takes.
constexpr auto of_the_manual =
    "acl_file f|allow_anonymous true|allow_duplicate_messages true|allow_zero_length_clientid true|auth_opt_x y|"
    "auth_plugin f|auth_plugin_deny_special_chars true|auto_id_prefix p|autosave_interval 1|autosave_on_changes true|"
    "check_retain_source true|clientid_prefixes p|connection_messages true|log_dest stderr|log_facility 5|"
    "log_timestamp true|log_timestamp_format f|log_type all|max_inflight_bytes 0|max_inflight_messages 20|"
    "max_keepalive 65535|max_packet_size 20|max_queued_bytes 0|max_queued_messages 1000|memory_limit 0|"
    "message_size_limit 0|password_file f|per_listener_settings true|persistence true|persistence_file f|"
    "persistence_location p|persistent_client_expiration 2m|pid_file f|plugin f|plugin_opt_x y|psk_file f|"
    "queue_qos0_messages true|retain_available true|set_tcp_nodelay true|sys_interval 10|upgrade_outgoing_qos true|"
    "user u|bind_address 127.0.0.1|bind_interface lo|http_dir d|listener 1883|max_connections -1|max_qos 2|"
    "max_topic_alias 10|mount_point m|port 1883|protocol mqtt|socket_domain ipv4|use_username_as_clientid true|"
    "websockets_log_level 0|websockets_headers_size 0|cafile f|capath d|certfile f|ciphers c|ciphers_tls1.3 c|"
    "crlfile f|dhparamfile f|keyfile f|require_certificate true|tls_engine e|tls_engine_kpass_sha1 s|tls_keyform pem|"
    "tls_version tlsv1.2|use_identity_as_username true|use_subject_as_username true|psk_hint h";

constexpr auto of_bridges =
    "address a:1883|addresses a b|bridge_attempt_unsubscribe true|bridge_bind_address a|bridge_max_packet_size 0|"
    "bridge_outgoing_retain true|bridge_protocol_version mqttv311|cleansession true|local_cleansession true|"
    "keepalive_interval 60|idle_timeout 60|local_clientid c|local_password p|local_username u|notifications true|"
    "notifications_local_only true|notification_topic t|remote_clientid c|remote_password p|remote_username u|"
    "restart_timeout 5 30|round_robin true|start_type automatic|threshold 10|topic # both|try_private true|"
    "bridge_alpn a|bridge_cafile f|bridge_capath d|bridge_certfile f|bridge_identity i|bridge_insecure true|"
    "bridge_keyfile f|bridge_psk k|bridge_require_ocsp true|bridge_tls_version tlsv1.2|clientid c|username u|password "
    "p";

void expect_taken(const std::string& content, const std::string& option) {
  SCOPED_TRACE(option);
  tests::made_up_files files(content);
  EXPECT_NO_THROW({
    const auto translation = translate("mosquitto.conf", files);
    EXPECT_FALSE(translation.findings.empty());
  });
}

TEST(option_table, knows_every_option_of_the_manual) {
  std::istringstream lines(of_the_manual);
  for (std::string line; std::getline(lines, line, '|');) expect_taken(line + "\n", line);
  std::istringstream more(of_bridges);
  for (std::string line; std::getline(more, line, '|');) expect_taken("connection c\n" + line + "\n", line);
}

TEST(option_table, has_each_option_once_and_says_something_of_it) {
  std::set<std::string_view> names;
  for (auto* rows : {general_rows, listener_rows, tls_rows, bridge_rows}) {
    for (const auto& row : rows()) {
      EXPECT_TRUE(names.insert(row.name).second) << row.name;
      EXPECT_TRUE(row.apply != nullptr || !row.why.empty()) << row.name;
    }
  }
}

// Words of the form section.key that are no key.
std::string unknown_keys_in(const std::string& text) {
  const std::string letters = "abcdefghijklmnopqrstuvwxyz_";
  std::string unknown;
  for (auto dot = text.find('.'); dot != std::string::npos; dot = text.find('.', dot + 1)) {
    const auto before = dot == 0 ? std::string::npos : text.find_last_not_of(letters, dot - 1);
    const auto begin = before == std::string::npos ? 0 : before + 1;
    const auto end = std::min(text.find_first_not_of(letters, dot + 1), text.size());
    const auto key = text.substr(dot + 1, end - dot - 1);
    const auto* section = find_section(text.substr(begin, dot - begin));
    if (section == nullptr || section->items || key.empty() || find_key(*section, key) != nullptr) continue;
    unknown += text.substr(begin, end - begin) + " ";
  }
  return unknown;
}

TEST(option_table, names_only_keys_that_there_are) {
  EXPECT_EQ("limits.retained_memory_bytes ", unknown_keys_in("within limits.retained_memory_bytes, log.memory_bytes."));
  for (auto* rows : {general_rows, listener_rows, tls_rows, bridge_rows}) {
    for (const auto& row : rows())
      EXPECT_EQ("", unknown_keys_in(std::string(row.why) + "; " + std::string(row.by_hand))) << row.name;
  }
  auto files_of_users = tests::examples;
  std::istringstream lines(of_the_manual);
  for (std::string line; std::getline(lines, line, '|');) files_of_users.push_back(line + "\n");
  for (const auto& file : files_of_users) {
    tests::made_up_files files(file);
    EXPECT_EQ("", unknown_keys_in(report("m", translate("mosquitto.conf", files))));
  }
}

}  // namespace
}  // namespace headgate::config::mosquitto
