#include "loadtest/plan/check_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <utility>
#include <variant>

namespace headgate::loadtest::plan {
namespace {

using ::testing::HasSubstr;

core::text_template parsed(const std::string& text) {
  return std::get<core::text_template>(core::text_template::parse(text));
}

// Subscribers and publishers of a topic each.
core::plan good_plan() {
  core::plan plan;
  auto& subscribers = plan.groups.emplace_back();
  subscribers.name = "s";
  subscribers.clients = 10;
  subscribers.client_id = parsed("s%c");
  subscribers.subscribe.emplace().filters = {parsed("t/%c")};
  auto& publishers = plan.groups.emplace_back();
  publishers.name = "p";
  publishers.clients = 10;
  publishers.client_id = parsed("p%c");
  auto& publish = publishers.publish.emplace();
  publish.topic = parsed("t/%c");
  publish.window = 20;
  plan.events.push_back({core::second_ns, 1, 0.5, false});
  return plan;
}

struct wrong {
  std::function<void(core::plan&)> change;
  std::string path;
  std::string sentence;
};

void expect_all(const std::vector<wrong>& cases) {
  for (const auto& wrong : cases) {
    SCOPED_TRACE(wrong.path + ": " + wrong.sentence);
    auto plan = good_plan();
    wrong.change(plan);
    const auto found = find_conflicts(plan);
    ASSERT_EQ(found.size(), 1U) << (found.empty() ? "" : found.back().sentence);
    EXPECT_EQ(found[0].path, wrong.path);
    EXPECT_THAT(found[0].sentence, HasSubstr(wrong.sentence));
  }
}

core::group& subscribers(core::plan& plan) {
  return plan.groups[0];
}
core::group& publishers(core::plan& plan) {
  return plan.groups[1];
}
core::publish_plan& publish(core::plan& plan) {
  return *plan.groups[1].publish;
}
core::subscribe_plan& subscribe(core::plan& plan) {
  return *plan.groups[0].subscribe;
}

TEST(check_plan, a_good_plan_has_no_conflicts) {
  EXPECT_TRUE(find_conflicts(good_plan()).empty());
}

TEST(check_plan, what_a_run_as_a_whole_cannot_be) {
  expect_all({
      {[](auto& p) { p.groups.clear(), p.events.clear(); }, "groups", "there is nothing to do"},
      {[](auto& p) { p.targets.clear(); }, "targets", "a server is needed"},
      {[](auto& p) { p.measuring.duration_ns = 0; }, "measure.duration", "no time"},
      {[](auto& p) { p.measuring.stall_ns = 0; }, "measure.stall", "fails at once"},
      {[](auto& p) { p.measuring.settle_ns = 0; }, "measure.settle", "needs time"},
      {[](auto& p) {
         subscribers(p).clean_start = false;
         subscribers(p).life = {core::second_ns, 3 * core::second_ns, 0.5};
       },
       "measure.settle", "it is 2s, but the clients of group s are away for up to 3s"},
      {[](auto& p) { p.events[0].group = 2; }, "events.0.group", "no such group"},
      {[](auto& p) { p.events[0].share = 0; }, "events.0.disconnect", "above 0%"},
      {[](auto& p) { p.events[0].share = 1.1; }, "events.0.disconnect", "at most 100%"},
      {[](auto& p) { subscribers(p).clients = 19'491; }, "groups",
       "19501 clients are more than one process takes (19500): start several"},
      {[](auto& p) { subscribers(p).clients = 0; }, "groups.s.clients", "does nothing"},
      {[](auto& p) {
         subscribers(p).client_id = parsed("x%c");
         publishers(p).client_id = parsed("x%c");
       },
       "groups.p.client_id", "client 0 would be 'x0', which is the id of one of group s"},
      {[](auto& p) {
         publishers(p).client_id = parsed("s0%c"), publishers(p).clients = 12,
         subscribers(p).client_id = parsed("s%2c");
       },
       "groups.p.client_id", "client 0 would be 's00'"},
  });
}

TEST(check_plan, what_never_comes) {
  const auto s = core::second_ns;
  expect_all({
      {[=](auto& p) { p.events[0].at_ns = 11 * s; }, "events.0.at",
       "it is 11s, and the run is over after 11s (warm_up 1s, duration 10s): take an earlier time"},
      {[=](auto& p) { publishers(p).connect.rate = 2, p.events[0].at_ns = 16 * s; }, "events.0.at",
       "over after 16s (connecting 5s, warm_up 1s, duration 10s)"},
      {[](auto& p) { p.events[0].at_ns = 0; }, "events.0.at", "nobody of group p is connected by then"},
      {[=](auto& p) { publishers(p).connect.at_ns = 2 * s; }, "events.0.at",
       "it is 1s, and nobody of group p is connected by then: the first of them are called at 2s"},
      {[=](auto& p) { subscribers(p).connect.at_ns = 20 * s; }, "groups.s.connect.at",
       "it is 20s, and the run is over after 11s"},
      {[](auto& p) {
         publishers(p).publish.reset(), subscribers(p).subscribe.reset(), p.measuring.warm_up_messages = 5;
       },
       "measure.warm_up_messages", "nobody publishes or receives anything"},
  });
}

TEST(check_plan, what_may_still_come_is_taken) {
  const auto s = core::second_ns;
  auto plan = good_plan();
  plan.events[0].at_ns = 11 * s - 1;
  EXPECT_TRUE(find_conflicts(plan).empty());
  plan.events[0].at_ns = 15 * s;
  publishers(plan).connect.rate = 2;
  EXPECT_TRUE(find_conflicts(plan).empty()) << "10 clients take 5 s to connect";
  plan.events[0].at_ns = 3'600 * s;
  plan.measuring.warm_up_messages = 1'000;
  EXPECT_TRUE(find_conflicts(plan).empty()) << "that may take any time";
  publishers(plan).publish.reset();
  EXPECT_TRUE(find_conflicts(plan).empty()) << "others may publish to the subscribers";
}

// Clean Start at the first connection only: the session goes on.
TEST(check_plan, a_session_of_mqtt_5_may_begin_with_clean_start) {
  auto plan = good_plan();
  subscribers(plan).version = mqtt::version::v5;
  subscribers(plan).session_expiry_s = 3'600;
  subscribers(plan).life = {core::second_ns, core::second_ns, 0};
  ASSERT_TRUE(subscribers(plan).clean_start);
  EXPECT_TRUE(find_conflicts(plan).empty());
}

TEST(check_plan, what_a_client_cannot_be) {
  expect_all({
      {[](auto& p) { subscribers(p).client_id = parsed("x"); }, "groups.s.client_id", "write %c in it, as in 'x-%c'"},
      {[](auto& p) { subscribers(p).client_id = parsed("x%c%n"); }, "groups.s.client_id",
       "%n is the number of a topic"},
      {[](auto& p) { subscribers(p).client_id = {}; }, "groups.s.client_id", "needs an id"},
      {[](auto& p) {
         subscribers(p).version = mqtt::version::v3_1;
         subscribers(p).client_id = parsed("abcdefghijklmnopqrstuvw%c");
       },
       "groups.s.client_id", "has 24 bytes, and MQTT 3.1 allows 23"},
      {[](auto& p) { subscribers(p).client_id = parsed("\xff%c"); }, "groups.s.client_id", "no text in UTF-8"},
      {[](auto& p) { subscribers(p).password = parsed("x"); }, "groups.s.password", "no password without a user"},
      {[](auto& p) { subscribers(p).user_name = parsed("x%n"); }, "groups.s.user", "a client's own number is %c"},
      {[](auto& p) { subscribers(p).session_expiry_s = 5; }, "groups.s.session.expiry", "from MQTT 5 on"},
      {[](auto& p) { subscribers(p).connect.in_flight = 0; }, "groups.s.connect.in_flight", "at least 1"},
      {[](auto& p) { subscribers(p).connect.rate = -1; }, "groups.s.connect.rate", "or above"},
      {[](auto& p) { subscribers(p).reconnect.jitter = 1.1; }, "groups.s.reconnect.jitter", "from 0 to 1"},
      {[](auto& p) { subscribers(p).reconnect.first_ns = 0; }, "groups.s.reconnect.first", "hammer"},
      {[](auto& p) { subscribers(p).reconnect.most_ns = 1; }, "groups.s.reconnect.most", "shorter"},
      {[](auto& p) { subscribers(p).life.jitter = -0.1; }, "groups.s.life.jitter", "from 0 to 1"},
      {[](auto& p) { subscribers(p).life.away_ns = 1; }, "groups.s.life.away", "how long they stay"},
  });
}

TEST(check_plan, what_cannot_be_published) {
  expect_all({
      {[](auto& p) { publish(p).window = 0; }, "groups.p.publish", "how fast is it to publish?"},
      {[](auto& p) { publish(p).rate = 1; }, "groups.p.publish.rate", "leave one of them out"},
      {[](auto& p) { publish(p).window = 0, publish(p).rate = std::numeric_limits<double>::infinity(); },
       "groups.p.publish.rate", "messages a second"},
      {[](auto& p) { publish(p).topic = {}; }, "groups.p.publish.topic", "a topic is needed"},
      {[](auto& p) { publish(p).topic = parsed("a/+"); }, "groups.p.publish.topic", "has a wildcard"},
      {[](auto& p) { publish(p).topic = parsed("t/%n"); }, "groups.p.publish.topic", "say how many"},
      {[](auto& p) { publish(p).topics = 5; }, "groups.p.publish.topic", "is one topic, and not the 5"},
      {[](auto& p) { publish(p).topics = 0; }, "groups.p.publish.topics", "from 1 to"},
      {[](auto& p) { publish(p).topic = parsed(std::string(65'535, 'x') + "%c"); }, "groups.p.publish.topic",
       "has 65536 bytes, and MQTT allows 65,535"},
      {[](auto& p) { publish(p).topic = parsed(std::string(250, '/')); }, "groups.p.publish.topic", "200 levels"},
      {[](auto& p) { publish(p).payload_least = 39; }, "groups.p.publish.payload", "39 bytes are too few"},
      {[](auto& p) { publish(p).payload_most = 50; }, "groups.p.publish.payload", "the larger of two"},
      {[](auto& p) { publish(p).expiry_s = 5; }, "groups.p.publish.expiry", "from MQTT 5 on"},
      {[](auto& p) { publish(p).qos = static_cast<mqtt::qos>(3); }, "groups.p.publish.qos", "0, 1 or 2"},
      {[](auto& p) {
         auto& churn = publishers(p).subscribe.emplace();
         churn.filters = {parsed("a"), parsed("b")};
         churn.churn_rate = 1;
       },
       "groups.p.publish", "publish from a group of its own"},
  });
}

TEST(check_plan, what_cannot_be_subscribed_to) {
  expect_all({
      {[](auto& p) { subscribe(p).filters.clear(); }, "groups.s.subscribe.filters", "a filter is needed"},
      {[](auto& p) { subscribe(p).filters = {parsed("a/#/b")}; }, "groups.s.subscribe.filters", "is no filter"},
      {[](auto& p) { subscribe(p).filters = {parsed("$share/x/b")}; }, "groups.s.subscribe.filters",
       "named by its share"},
      {[](auto& p) {
         subscribe(p).filters = {parsed("a/+"), parsed("b"), parsed("a/%c")};
       },
       "groups.s.subscribe.filters", "'a/+' and 'a/%c' can match the same topic"},
      {[](auto& p) { subscribe(p).filters = {parsed("a/%n")}; }, "groups.s.subscribe.filters", "say how many"},
      {[](auto& p) { subscribe(p).topics = 2; }, "groups.s.subscribe.filters", "is one filter, and not the 2"},
      {[](auto& p) { subscribe(p).topics = 0; }, "groups.s.subscribe.topics", "1 to"},
      {[](auto& p) { subscribe(p).filters.assign(201, parsed("a")); }, "groups.s.subscribe.filters", "200 filters"},
      {[](auto& p) { subscribe(p).share = "x"; }, "groups.s.subscribe.filters", "is another filter for each client"},
      {[](auto& p) { subscribe(p).share = "x/y", subscribe(p).filters = {parsed("t/+")}; }, "groups.s.subscribe.share",
       "is no name of a share"},
      {[](auto& p) {
         subscribe(p).share = "x";
         subscribe(p).filters = {parsed("t/+")};
         publishers(p).subscribe = subscribe(p);
       },
       "groups.p.subscribe.share", "group s has the share 'x' already"},
      {[](auto& p) { subscribe(p).churn_rate = 1; }, "groups.s.subscribe.churn_rate", "they need two at least"},
      {[](auto& p) { subscribe(p).churn_rate = -1; }, "groups.s.subscribe.churn_rate", "or 0"},
      {[](auto& p) {
         subscribe(p).churn_rate = 1;
         subscribe(p).share = "x";
         subscribe(p).filters = {parsed("a"), parsed("b")};
       },
       "groups.s.subscribe.churn_rate", "cannot be shared"},
      {[](auto& p) { subscribe(p).qos = static_cast<mqtt::qos>(3); }, "groups.s.subscribe.qos", "0, 1 or 2"},
  });
}

TEST(check_plan, of_tls) {
  const auto spoken = [](core::plan& plan) -> core::tls_plan& {
    plan.tls.enabled = true;
    return plan.tls;
  };
  expect_all({
      {[&](auto& p) { spoken(p).certificate = "c.pem"; }, "tls.key", "without its private key"},
      {[&](auto& p) { spoken(p).key = "k.pem"; }, "tls.certificate", "without the certificate"},
      {[&](auto& p) { spoken(p).verifies = false, p.tls.ca = "ca.pem"; }, "tls.ca", "leave one of the two out"},
      {[](auto& p) { p.tls.ca = "ca.pem"; }, "tls.ca", "give --tls"},
      {[](auto& p) { p.tls.server_name = "a"; }, "tls.server_name", "give --tls"},
      {[](auto& p) { p.tls.verifies = false; }, "tls.verify", "give --tls"},
      {[](auto& p) { p.tls.maximum = core::tls_plan::version::v1_2; }, "tls.version", "give --tls"},
      {[](auto& p) { p.tls.resumes = false; }, "tls.resume", "give --tls"},
  });
  auto plan = good_plan();
  spoken(plan).ca = "ca.pem";
  EXPECT_TRUE(find_conflicts(plan).empty());
}

TEST(check_plan, who_is_refused_does_nothing_else) {
  expect_all({
      {[](auto& p) { publishers(p).connect.expects_refusal = true; }, "groups.p.connect.expect", "cannot publish"},
      {[](auto& p) {
         publishers(p).publish.reset();
         publishers(p).connect.expects_refusal = true;
         publishers(p).clean_start = false;
       },
       "groups.p.connect.expect", "has no session"},
      {[](auto& p) {
         publishers(p).publish.reset();
         publishers(p).connect.expects_refusal = true;
         publishers(p).life.hold_ns = 1;
       },
       "groups.p.connect.expect", "does not stay"},
  });
  auto plan = good_plan();
  publishers(plan).publish.reset();
  publishers(plan).connect.expects_refusal = true;
  publishers(plan).connect.rate = 1;
  EXPECT_TRUE(find_conflicts(plan).empty()) << "its rate is no ramp that the run waits for";
}

}  // namespace
}  // namespace headgate::loadtest::plan
