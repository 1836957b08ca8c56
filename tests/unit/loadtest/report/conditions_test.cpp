#include "loadtest/report/conditions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headgate::loadtest::report {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

core::plan pairs() {
  core::plan plan;
  core::group publishers;
  publishers.name = "pub";
  publishers.clients = 1000;
  publishers.publish.emplace();
  publishers.publish->topic = core::text_template::literal("a/b");
  publishers.publish->qos = mqtt::qos::at_least_once;
  publishers.publish->payload_most = 128;
  publishers.publish->rate = 20'000;
  core::group subscribers;
  subscribers.name = "sub";
  subscribers.version = mqtt::version::v5;
  subscribers.session_expiry_s = 60;
  subscribers.keep_alive_s = 0;
  subscribers.life.hold_ns = 5 * core::second_ns;
  subscribers.subscribe.emplace();
  subscribers.subscribe->filters = {core::text_template::literal("a/+")};
  subscribers.subscribe->share = "workers";
  plan.groups = {publishers, subscribers};
  core::disconnect_event event;
  event.at_ns = 2 * core::second_ns;
  event.share = 0.5;
  plan.events = {event};
  return plan;
}

TEST(conditions, tell_of_tls_and_of_who_is_to_be_refused) {
  core::plan plan;
  core::group storm;
  storm.user_name = core::text_template::literal("u");
  storm.connect.expects_refusal = true;
  plan.groups = {storm};
  plan.tls.enabled = true;
  plan.tls.maximum = core::tls_plan::version::v1_2;
  plan.tls.resumes = plan.tls.verifies = false;
  const auto rows = conditions_of(plan);
  EXPECT_THAT(rows[1], Pair("TLS", "1.2 at most, sessions are not resumed, the server is not verified"));
  EXPECT_THAT(rows[2], Pair("clients", "1 client, MQTT 3.1.1, with a user name, are to be refused"));
}

TEST(conditions, are_the_plan_in_words) {
  EXPECT_THAT(conditions_of(pairs()),
              ElementsAre(Pair("target", "127.0.0.1:1883"),
                          Pair("group pub",
                               "1,000 clients, MQTT 3.1.1; publish to a/b, QoS 1, "
                               "64 to 128 bytes, 20.0 k messages a second of all"),
                          Pair("group sub",
                               "1 client, MQTT 5, sessions are kept, keep alive off, stay 5.00 s "
                               "and are away 0 ns; subscribe to a/+, QoS 0, shared as workers"),
                          Pair("at 2.00 s", "50.0 % of pub lose their connections"), Pair("warm-up", "1.00 s"),
                          Pair("measure", "at most 10.0 s"), Pair("seed", "1")));
}

TEST(conditions, differ_when_the_plan_does) {
  auto other = pairs();
  other.groups[1].subscribe->qos = mqtt::qos::exactly_once;
  EXPECT_NE(conditions_of(pairs()), conditions_of(other));
}

}  // namespace
}  // namespace headgate::loadtest::report
