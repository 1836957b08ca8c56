#include "config/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace headgate::config {
namespace {

using ::testing::HasSubstr;

std::string assign_error(settings& settings, const std::string& assignment) {
  try {
    config::assign(settings, assignment);
  } catch (const settings_error& error) {
    return error.what();
  }
  return "";
}

std::string error_of(const std::string& assignment) {
  settings settings;
  return assign_error(settings, assignment);
}

std::string check_error(const settings& settings) {
  try {
    check(settings);
  } catch (const settings_error& error) {
    return error.what();
  }
  return "";
}

std::map<std::string, std::string> values_of(const settings& settings) {
  std::map<std::string, std::string> values;
  for (const auto& line : describe(settings)) {
    EXPECT_TRUE(values.emplace(line.key, line.value).second) << line.key << " is there twice";
    EXPECT_FALSE(line.help.empty()) << line.key;
  }
  return values;
}

// One value for each key, different from its default. A key that is new has to be added here.
const std::map<std::string, std::string> others = {
    {"data_dir", "/var/lib/head gate"},
    {"workers", "64"},
    {"listeners.tcp.bind", "::1"},
    {"listeners.tcp.port", "0"},
    {"listeners.tcp.transport", "tls"},
    {"listeners.tcp.anonymous", "allow"},
    {"listeners.tcp.certificate", "a.pem, b.pem"},
    {"listeners.tcp.key", "a.key"},
    {"listeners.tcp.client_certificate", "optional"},
    {"listeners.tcp.client_ca", "ca.pem"},
    {"listeners.tcp.crl", "crl.pem"},
    {"listeners.tcp.user_name", "alternative_name"},
    {"listeners.tcp.tls_version", "1.3"},
    {"listeners.tcp.tls_ciphers", "ECDHE+AESGCM"},
    {"auth.password_file", "users"},
    {"auth.acl_file", "acl"},
    {"auth.bind_client_id", "true"},
    {"auth.tell_reasons", "false"},
    {"auth.threads", "64"},
    {"admin.token_file", "/run/token"},
    {"admin.enabled", "false"},
    {"admin.bind", "127.0.0.2"},
    {"admin.port", "65535"},
    {"logging.format", "json"},
    {"logging.level", "error"},
    {"logging.client_lines_per_second", "0"},
    {"sys.interval_s", "0"},
    {"limits.max_clients", "4294967295"},
    {"limits.max_packet_bytes", "1KiB"},
    {"limits.max_output_bytes", "4097"},
    {"limits.max_inflight", "32000"},
    {"limits.max_inflight_in", "65535"},
    {"limits.topic_aliases", "0"},
    {"limits.max_subscriptions", "1"},
    {"limits.topic_entries", "5000"},
    {"limits.max_stored_sessions", "7"},
    {"limits.max_keep_alive_s", "60"},
    {"limits.connect_timeout_s", "3600"},
    {"shared_subscriptions.dispatch", "topic"},
    {"shared_subscriptions.redeliver_after_s", "0"},
    {"log.memory_bytes", "1TiB"},
    {"log.commit", "disk"},
    {"log.retention_age_s", "0"},
    {"log.retention_bytes", "1025"},
    {"log.retention_disk_percent", "100"},
    {"log.segment_bytes", "1MiB"},
    {"session_store.engine", "embedded"},
    {"retained.memory_bytes", "3MiB"},
    {"routing.key_levels", "16"},
    {"clusters.main.shards", "64"},
    {"clusters.main.weight", "1000"},
};

TEST(settings, every_key_can_be_set_to_its_shown_value) {
  settings settings;
  const auto before = values_of(settings);
  for (const auto& [key, value] : before) config::assign(settings, key + "=" + value);
  EXPECT_EQ(values_of(settings), before);
}

TEST(settings, every_key_changes_its_own_value_and_no_other) {
  const auto defaults = values_of(settings());
  ASSERT_EQ(defaults.size(), others.size());
  for (const auto& [key, value] : others) {
    settings settings;
    config::assign(settings, key + "=" + value);
    auto expected = defaults;
    ASSERT_TRUE(expected.contains(key)) << key;
    EXPECT_NE(expected[key], value) << key;
    expected[key] = value;
    EXPECT_EQ(values_of(settings), expected) << key;
  }
}

TEST(settings, defaults_are_a_safe_start) {
  const settings defaults;
  EXPECT_EQ(check_error(defaults), "");
  EXPECT_EQ(values_of(defaults)["listeners.tcp.bind"], "127.0.0.1");
  EXPECT_EQ(values_of(defaults)["listeners.tcp.port"], "1883");
}

TEST(settings, an_unknown_key_names_the_nearest) {
  EXPECT_EQ(error_of("limits.max_client=5"), "unknown key 'limits.max_client': did you mean 'limits.max_clients'?");
  EXPECT_THAT(error_of("listener.tcp.prot=5"), HasSubstr("did you mean 'listeners.tcp.port'?"));
  EXPECT_THAT(error_of("log.memory=5"), HasSubstr("did you mean 'log.memory_bytes'?"));
  EXPECT_THAT(error_of("=5"), HasSubstr("unknown key ''"));
}

TEST(settings, an_unknown_key_of_a_cluster_names_the_nearest_with_the_cluster_s_name) {
  EXPECT_EQ(error_of("clusters.east.shard=5"),
            "unknown key 'clusters.east.shard': did you mean 'clusters.east.shards'?");
  EXPECT_THAT(error_of("cluster.east.weight=5"), HasSubstr("did you mean 'clusters.east.weight'?"));
  EXPECT_THAT(error_of("clusters.shards=5"), HasSubstr("did you mean 'clusters.main.shards'?"));
  EXPECT_THAT(error_of("worker=5"), HasSubstr("did you mean 'workers'?"));
}

TEST(settings, a_cluster_s_name_is_told_what_it_may_be_of) {
  for (const std::string name : {"", "a b", "a.b", "\xc3\xa9", "123456789012345678901234567890123"}) {
    EXPECT_EQ(error_of("clusters." + name + ".shards=5"),
              "'" + name + "' in clusters." + name + ".shards is no name: a cluster's name is of 1 to 32 letters, " +
                  "digits, '-' and '_'");
  }
  EXPECT_EQ(error_of("clusters.12345678901234567890123456789012.weight=5"), "");
  EXPECT_EQ(error_of("clusters.A-z_9.weight=5"), "");
}

TEST(settings, the_first_cluster_that_is_named_takes_the_place_of_the_default) {
  settings settings;
  ASSERT_EQ(settings.clusters, (std::vector<shard_router::cluster>{{"main", 1, 1}}));
  config::assign(settings, "clusters.east.weight=3");
  EXPECT_EQ(settings.clusters, (std::vector<shard_router::cluster>{{"east", 3, 1}}));
  config::assign(settings, "clusters.main.shards=2");
  config::assign(settings, "clusters.east.shards=4");
  EXPECT_EQ(settings.clusters, (std::vector<shard_router::cluster>{{"east", 3, 4}, {"main", 1, 2}}));
}

TEST(settings, a_default_cluster_that_is_named_stays) {
  settings settings;
  config::assign(settings, "clusters.main.weight=1");
  config::assign(settings, "clusters.east.weight=2");
  EXPECT_EQ(settings.clusters, (std::vector<shard_router::cluster>{{"main", 1, 1}, {"east", 2, 1}}));
}

TEST(settings, every_cluster_is_shown) {
  settings settings;
  config::assign(settings, "clusters.east.shards=4");
  config::assign(settings, "clusters.west.weight=2");
  auto values = values_of(settings);
  EXPECT_EQ(values["clusters.east.shards"], "4");
  EXPECT_EQ(values["clusters.east.weight"], "1");
  EXPECT_EQ(values["clusters.west.weight"], "2");
  EXPECT_FALSE(values.contains("clusters.main.weight"));
}

TEST(settings, a_bad_value_for_a_cluster_names_none) {
  settings settings;
  for (const auto* value : {"", "0", "65", "x"}) {
    EXPECT_THROW(config::assign(settings, std::string("clusters.east.shards=") + value), settings_error);
  }
  EXPECT_THROW(config::assign(settings, "clusters.east.weight=1001"), settings_error);
  EXPECT_EQ(settings.clusters, (std::vector<shard_router::cluster>{{"main", 1, 1}}));
  EXPECT_TRUE(settings.clusters_are_default);
  EXPECT_THAT(error_of("clusters.east.weight=0"), HasSubstr("a whole number from 1 to 1000"));
}

TEST(settings, more_clusters_than_a_map_holds_are_refused) {
  settings settings;
  for (int i = 0; i < 64; ++i) config::assign(settings, "clusters.c" + std::to_string(i) + ".shards=1");
  EXPECT_EQ(check_error(settings), "");
  EXPECT_EQ(assign_error(settings, "clusters.c7.shards=2"), "");
  EXPECT_EQ(assign_error(settings, "clusters.one-more.shards=1"),
            "'one-more' in clusters.one-more.shards is one cluster too many: there can be 64 at most");
  EXPECT_EQ(settings.clusters.size(), 64);
}

TEST(settings, a_bad_value_is_told_what_is_accepted) {
  for (const auto* value : {"", "x", "-1", "+1", " 1", "1 ", "1.5", "0x10", "65536", "18446744073709551616"}) {
    EXPECT_EQ(
        error_of(std::string("listeners.tcp.port=") + value),
        std::string("'") + value + "' is no value for listeners.tcp.port: it takes a whole number from 0 to 65535");
  }
  EXPECT_THAT(error_of("limits.max_inflight=0"), HasSubstr("a whole number from 1 to 32000"));
  EXPECT_THAT(error_of("limits.max_inflight=32001"), HasSubstr("a whole number from 1 to 32000"));
  EXPECT_THAT(error_of("listeners.tcp.bind=localhost"), HasSubstr("an IPv4 or IPv6 address"));
  EXPECT_THAT(error_of("listeners.tcp.anonymous=yes"), HasSubstr("allow or refuse"));
  EXPECT_EQ(error_of("listeners.tcp.port"), "'listeners.tcp.port' is not of the form KEY=VALUE");
}

TEST(settings, a_bad_value_changes_nothing) {
  settings settings;
  const auto before = values_of(settings);
  for (const auto& [key, value] : before) EXPECT_THROW(config::assign(settings, key + "=\x01"), settings_error) << key;
  EXPECT_EQ(values_of(settings), before);
}

TEST(settings, an_open_listener_needs_a_word_about_strangers) {
  settings settings;
  for (const auto* address : {"0.0.0.0", "::", "192.0.2.7"}) {
    settings.listeners.front().anonymous = anonymous::automatic;
    config::assign(settings, std::string("listeners.tcp.bind=") + address);
    EXPECT_THAT(check_error(settings), HasSubstr("listeners.tcp.bind=" + std::string(address)));
    EXPECT_THAT(check_error(settings), HasSubstr("keep 127.0.0.1"));
    EXPECT_THAT(check_error(settings), HasSubstr("--set listeners.tcp.anonymous=allow"));
    config::assign(settings, "listeners.tcp.anonymous=allow");
    EXPECT_EQ(check_error(settings), "");
  }
  config::assign(settings, "listeners.tcp.anonymous=auto");
  for (const auto* address : {"127.0.0.1", "127.9.9.9", "::1"}) {
    config::assign(settings, std::string("listeners.tcp.bind=") + address);
    EXPECT_EQ(check_error(settings), "") << address;
  }
}

TEST(settings, the_wildcards_of_both_families_go_together) {
  settings settings;
  for (const auto* line : {"listeners.four.bind=0.0.0.0", "listeners.four.anonymous=allow",
                           "listeners.six.bind=::", "listeners.six.anonymous=allow"}) {
    config::assign(settings, line);
  }
  EXPECT_EQ(check_error(settings), "");
  config::assign(settings, "listeners.one.bind=::1");
  EXPECT_THAT(check_error(settings), HasSubstr("listeners.six and listeners.one cannot both have port 1883"));
}

TEST(settings, a_section_is_no_key) {
  EXPECT_EQ(error_of("limits=5"), "'limits' is no key but a section: did you mean 'limits.max_clients'?");
  EXPECT_EQ(error_of("listeners=5"), "'listeners' is no key but a section: did you mean 'listeners.tcp.bind'?");
  EXPECT_THAT(error_of("listeners.tcp=5"), HasSubstr("unknown key 'listeners.tcp'"));
  EXPECT_THAT(error_of("limits.tcp.max_clients=5"), HasSubstr("did you mean 'limits.max_clients'?"));
}

TEST(settings, who_leaves_the_section_out_is_told_it) {
  EXPECT_EQ(error_of("port=1884"), "unknown key 'port': did you mean 'listeners.tcp.port'?");
  EXPECT_EQ(error_of("max_clients=5"), "unknown key 'max_clients': did you mean 'limits.max_clients'?");
}

TEST(settings, sizes_may_have_a_unit) {
  for (const auto& [written, bytes] : std::map<std::string, std::uint32_t>{
           {"1024", 1024}, {"1KiB", 1024}, {"1023MiB", 1023U << 20}, {"1GiB", 1U << 30}, {"1048577", 1048577}}) {
    settings settings;
    config::assign(settings, "limits.max_output_bytes=" + written);
    EXPECT_EQ(settings.limits.max_output_bytes, bytes) << written;
  }
  for (const auto* written : {"1023", "0KiB", "1025MiB", "2GiB", "1TiB", "1 KiB", "KiB", "1kb", "1KB", "1M", "1.5MiB",
                              "-1KiB", "18014398509481984KiB"}) {
    EXPECT_EQ(error_of(std::string("limits.max_output_bytes=") + written),
              "'" + std::string(written) +
                  "' is no value for limits.max_output_bytes: it takes a number of bytes from 1KiB to 1GiB, which may "
                  "end in KiB, MiB, GiB or TiB");
  }
}

TEST(settings, what_is_quoted_stands_on_one_line_and_is_cut) {
  EXPECT_THAT(error_of("workers=1\n2"), HasSubstr("'1?2' is no value"));
  EXPECT_THAT(error_of("workers=" + std::string(1000, '7')), HasSubstr("'" + std::string(80, '7') + "…' is no value"));
  EXPECT_THAT(error_of("workers=\xff"), HasSubstr("'?' is no value"));
}

TEST(settings, listeners_are_named_as_clusters_are) {
  settings settings;
  config::assign(settings, "listeners.lan.port=1884");
  ASSERT_EQ(settings.listeners.size(), 1);
  EXPECT_EQ(settings.listeners[0].name, "lan");
  EXPECT_EQ(settings.listeners[0].bind, "127.0.0.1");
  config::assign(settings, "listeners.tcp.bind=::1");
  ASSERT_EQ(settings.listeners.size(), 2);
  EXPECT_EQ(settings.listeners[1].name, "tcp");
  EXPECT_EQ(settings.listeners[1].port, 1883);
  EXPECT_EQ(assign_error(settings, "listeners.a b.port=1"),
            "'a b' in listeners.a b.port is no name: a listener's name is of 1 to 32 letters, digits, '-' and '_'");
  for (int n = 0; n < 62; ++n) config::assign(settings, "listeners.l" + std::to_string(n) + ".port=0");
  EXPECT_EQ(assign_error(settings, "listeners.one-more.port=1"),
            "'one-more' in listeners.one-more.port is one listener too many: there can be 64 at most");
}

TEST(settings, each_open_listener_is_told_how_to_mend_it) {
  settings settings;
  config::assign(settings, "listeners.a.bind=0.0.0.0");
  config::assign(settings, "listeners.a.port=1");
  config::assign(settings, "listeners.b.bind=::");
  EXPECT_EQ(check_error(settings),
            "listeners.a.bind=0.0.0.0 is open to other machines, and asks nobody for a password: name users in a file "
            "and set auth.password_file to it ('headgate passwd add NAME --file FILE' writes one), or keep 127.0.0.1, "
            "or let anybody in "
            "with 'anonymous: allow' below listeners.a in the file, or --set listeners.a.anonymous=allow\n"
            "listeners.b.bind=:: is open to other machines, and asks nobody for a password: name users in a file and "
            "set auth.password_file to it ('headgate passwd add NAME --file FILE' writes one), or keep 127.0.0.1, or "
            "let anybody in "
            "with 'anonymous: allow' below listeners.b in the file, or --set listeners.b.anonymous=allow");
  config::assign(settings, "auth.password_file=users");
  EXPECT_EQ(check_error(settings), "");
}

TEST(settings, the_admin_listener_is_for_this_machine_only_without_a_token) {
  settings settings;
  config::assign(settings, "admin.bind=0.0.0.0");
  EXPECT_THAT(check_error(settings),
              HasSubstr("admin.bind=0.0.0.0 is open to other machines, and asks nobody who he is: put a token"));
  config::assign(settings, "admin.token_file=token");
  EXPECT_EQ(check_error(settings), "");
  config::assign(settings, "admin.token_file=");
  config::assign(settings, "admin.enabled=false");
  EXPECT_EQ(check_error(settings), "");
}

TEST(settings, what_has_a_directory_is_kept_in_it) {
  settings settings;
  EXPECT_EQ(log_commit_of(settings), log_commit::memory);
  EXPECT_EQ(session_engine_of(settings), session_engine::memory);
  config::assign(settings, "data_dir=/var/lib/headgate");
  EXPECT_EQ(log_commit_of(settings), log_commit::os);
  EXPECT_EQ(session_engine_of(settings), session_engine::embedded);
  config::assign(settings, "log.commit=memory");
  config::assign(settings, "session_store.engine=memory");
  EXPECT_EQ(log_commit_of(settings), log_commit::memory);
  EXPECT_EQ(session_engine_of(settings), session_engine::memory);
  EXPECT_EQ(check_error(settings), "");
}

TEST(settings, what_is_to_be_on_disk_needs_a_directory) {
  for (const auto* assignment : {"log.commit=os", "log.commit=disk", "session_store.engine=embedded"}) {
    settings settings;
    config::assign(settings, assignment);
    EXPECT_THAT(check_error(settings), HasSubstr(std::string(assignment) + " keeps "));
    EXPECT_THAT(check_error(settings), HasSubstr("set data_dir to one that belongs to this server alone"));
    config::assign(settings, "data_dir=data");
    EXPECT_EQ(check_error(settings), "") << assignment;
  }
  for (const auto* assignment : {"log.commit=auto", "log.commit=memory", "session_store.engine=memory"}) {
    settings settings;
    config::assign(settings, assignment);
    EXPECT_EQ(check_error(settings), "") << assignment;
  }
}

TEST(settings, bounds_of_the_log_on_disk) {
  EXPECT_THAT(error_of("log.segment_bytes=1023KiB"), HasSubstr("from 1MiB to 1GiB"));
  EXPECT_THAT(error_of("log.segment_bytes=1025MiB"), HasSubstr("from 1MiB to 1GiB"));
  EXPECT_THAT(error_of("log.retention_disk_percent=101"), HasSubstr("from 0 to 100"));
  EXPECT_THAT(error_of("log.commit=always"), HasSubstr("it takes auto, memory, os or disk"));
  EXPECT_THAT(error_of("session_store.engine=redis"), HasSubstr("it takes auto, embedded or memory"));
}

TEST(settings, two_listeners_do_not_share_a_port) {
  const auto error_with = [](const std::vector<std::string>& assignments) {
    settings settings;
    for (const auto& assignment : assignments) config::assign(settings, assignment);
    return check_error(settings);
  };
  EXPECT_EQ(error_with({"listeners.a.port=5", "listeners.b.port=5"}),
            "listeners.a and listeners.b cannot both have port 5 of 127.0.0.1: give listeners.b.port another one");
  EXPECT_THAT(error_with({"listeners.a.port=5", "listeners.b.port=5", "listeners.b.bind=0.0.0.0",
                          "listeners.b.anonymous=allow"}),
              HasSubstr("cannot both have port 5"));
  EXPECT_EQ(error_with({"listeners.a.port=5", "listeners.b.port=5", "listeners.b.bind=::1"}), "");
  EXPECT_EQ(error_with({"listeners.a.port=0", "listeners.b.port=0"}), "");
  EXPECT_THAT(error_with({"admin.port=1883"}), HasSubstr("listeners.tcp and admin cannot both have port 1883"));
}

}  // namespace
}  // namespace headgate::config
