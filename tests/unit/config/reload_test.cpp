#include "config/reload.hpp"

#include <gtest/gtest.h>

#include <set>

#include "config/table.hpp"

namespace headgate::config {
namespace {

settings with(const std::vector<std::string>& assignments) {
  settings settings;
  for (const auto& assignment : assignments) assign(settings, assignment);
  return settings;
}

std::vector<std::string> sentences(const reload& plan) {
  std::vector<std::string> all;
  for (const auto& change : plan.changes) all.push_back(change.sentence);
  return all;
}

TEST(reload, the_same_settings_change_nothing) {
  const auto same = with({"workers=2", "listeners.lan.port=7"});
  EXPECT_TRUE(plan_reload(same, same).changes.empty());
}

TEST(reload, what_may_change_counts_and_the_rest_waits) {
  const auto plan =
      plan_reload(with({"workers=2"}), with({"workers=3", "limits.max_clients=5", "logging.format=json"}));
  EXPECT_EQ(sentences(plan), (std::vector<std::string>{
                                 "workers stays '2' until a restart makes it '3'",
                                 "logging.format is 'json' from now on; it was 'text'",
                                 "limits.max_clients is '5' from now on; it was '0'",
                             }));
  EXPECT_EQ(plan.settings.workers, 2);
  EXPECT_EQ(plan.settings.limits.max_clients, 5);
  EXPECT_EQ(plan.settings.logging.format, log_format::json);
  EXPECT_FALSE(plan.changes[0].counts);
  EXPECT_TRUE(plan.changes[1].counts);
}

TEST(reload, what_waits_is_told_again_each_time) {
  const auto next = with({"workers=3", "sys.interval_s=1"});
  const auto once = plan_reload(settings(), next);
  EXPECT_EQ(sentences(plan_reload(once.settings, next)),
            (std::vector<std::string>{"workers stays '0' until a restart makes it '3'"}));
}

TEST(reload, items_come_and_go_at_a_restart) {
  const auto plan = plan_reload(settings(), with({"listeners.lan.port=7"}));
  const std::string gone = " until a restart, which takes it away";
  EXPECT_EQ(sentences(plan), (std::vector<std::string>{
                                 "listeners.lan.bind is new, and '127.0.0.1' after a restart",
                                 "listeners.lan.port is new, and '7' after a restart",
                                 "listeners.lan.transport is new, and 'tcp' after a restart",
                                 "listeners.lan.anonymous is new, and 'auto' after a restart",
                                 "listeners.lan.certificate is new, and '' after a restart",
                                 "listeners.lan.key is new, and '' after a restart",
                                 "listeners.lan.client_certificate is new, and 'none' after a restart",
                                 "listeners.lan.client_ca is new, and '' after a restart",
                                 "listeners.lan.crl is new, and '' after a restart",
                                 "listeners.lan.user_name is new, and 'connect' after a restart",
                                 "listeners.lan.tls_version is new, and '1.2' after a restart",
                                 "listeners.lan.tls_ciphers is new, and '' after a restart",
                                 "listeners.tcp.bind stays '127.0.0.1'" + gone,
                                 "listeners.tcp.port stays '1883'" + gone,
                                 "listeners.tcp.transport stays 'tcp'" + gone,
                                 "listeners.tcp.anonymous stays 'auto'" + gone,
                                 "listeners.tcp.certificate stays ''" + gone,
                                 "listeners.tcp.key stays ''" + gone,
                                 "listeners.tcp.client_certificate stays 'none'" + gone,
                                 "listeners.tcp.client_ca stays ''" + gone,
                                 "listeners.tcp.crl stays ''" + gone,
                                 "listeners.tcp.user_name stays 'connect'" + gone,
                                 "listeners.tcp.tls_version stays '1.2'" + gone,
                                 "listeners.tcp.tls_ciphers stays ''" + gone,
                             }));
  ASSERT_EQ(plan.settings.listeners.size(), 1);
  EXPECT_EQ(plan.settings.listeners[0].name, "tcp");
}

TEST(reload, certificates_change_while_the_listener_stays) {
  const std::vector<std::string> tls = {"listeners.a.transport=tls", "listeners.a.certificate=c", "listeners.a.key=k"};
  auto next = with(tls);
  assign(next, "listeners.a.certificate=c2");
  assign(next, "listeners.a.key=k2");
  const auto plan = plan_reload(with(tls), next);
  EXPECT_EQ(sentences(plan), (std::vector<std::string>{
                                 "listeners.a.certificate is 'c2' from now on; it was 'c'",
                                 "listeners.a.key is 'k2' from now on; it was 'k'",
                             }));
  EXPECT_EQ(plan.settings.listeners[0].certificate, "c2");
}

// Or one of them would have a certificate without TLS for a while.
TEST(reload, keys_of_a_listener_wait_for_each_other) {
  const auto plan = plan_reload(with({"listeners.a.port=0"}), with({"listeners.a.port=0", "listeners.a.transport=tls",
                                                                    "listeners.a.certificate=c", "listeners.a.key=k"}));
  EXPECT_EQ(sentences(plan), (std::vector<std::string>{
                                 "listeners.a.transport stays 'tcp' until a restart makes it 'tls'",
                                 "listeners.a.certificate stays '' until a restart makes it 'c'",
                                 "listeners.a.key stays '' until a restart makes it 'k'",
                             }));
  EXPECT_EQ(plan.settings.listeners[0].certificate, "");
}

TEST(reload, users_do_not_go_before_the_listener_that_asks_for_them) {
  const auto in_force = with({"listeners.a.bind=0.0.0.0", "auth.password_file=users"});
  const auto next = with({"listeners.a.bind=127.0.0.1"});
  try {
    (void)plan_reload(in_force, next);
    FAIL() << "anybody may come in";
  } catch (const settings_error& error) {
    const std::string said = error.what();
    EXPECT_NE(said.find("listeners.a.bind=0.0.0.0 is open to other machines"), std::string::npos);
    EXPECT_NE(said.find("\nthat is so until a restart"), std::string::npos);
  }
}

TEST(reload, these_keys_may_change) {
  std::set<std::string> keys;
  for (const auto& place : places_of(settings())) {
    if (place.key->changes == changes::at_reload) keys.insert(place.path());
  }
  EXPECT_EQ(keys, (std::set<std::string>{"limits.max_clients",
                                         "limits.max_packet_bytes",
                                         "limits.max_output_bytes",
                                         "limits.max_inflight",
                                         "limits.max_inflight_in",
                                         "limits.max_subscriptions",
                                         "limits.max_keep_alive_s",
                                         "limits.connect_timeout_s",
                                         "shared_subscriptions.redeliver_after_s",
                                         "logging.format",
                                         "logging.level",
                                         "logging.client_lines_per_second",
                                         "sys.interval_s",
                                         "auth.password_file",
                                         "auth.acl_file",
                                         "admin.token_file",
                                         "listeners.tcp.certificate",
                                         "listeners.tcp.key",
                                         "listeners.tcp.client_ca",
                                         "listeners.tcp.crl"}));
}

}  // namespace
}  // namespace headgate::config
