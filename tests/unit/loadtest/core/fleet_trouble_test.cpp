#include "tests/unit/loadtest/core/running_fleet.hpp"

namespace headgate::loadtest::core {
namespace {

TEST(fleet_trouble, publishers_at_qos_0_with_a_session_come_back_from_a_cut) {
  plan plan = pairs_plan(2, mqtt::qos::at_most_once, 0, 500);
  plan.groups[0].clean_start = false;
  plan.groups[0].reconnect.first_ns = 50 * ms;
  plan.events = {{300 * ms, 0, 1, false}};
  running run(plan);
  const results found = run.finish();
  EXPECT_EQ(found.connections.accepted, 6);
  EXPECT_EQ(found.audit.faults(), 0);
}

TEST(fleet_trouble, an_acknowledgement_of_what_needs_none_is_a_fault_and_no_more) {
  running run(pairs_plan(1, mqtt::qos::at_most_once, 5));
  run.server.acknowledges_qos_0 = true;
  const results found = run.finish();
  EXPECT_GT(faults_of(found, fault_kind::wrong_acknowledgement), 100);
  EXPECT_EQ(faults_of(found, fault_kind::wrong_acknowledgement), found.audit.faults());
}

TEST(fleet_trouble, a_server_that_closes_at_subscribe_ends_the_run) {
  plan plan = pairs_plan(1, mqtt::qos::at_most_once, 5);
  plan.measuring.stall_ns = 5 * second_ns;
  running run(plan);
  run.server.closes_at_subscribe = true;
  const results found = run.finish();
  ASSERT_EQ(found.failures.size(), 1);
  EXPECT_THAT(found.failures[0], testing::HasSubstr("1 clients did not get ready"));
  // It waits longer each time, although it is accepted each time.
  EXPECT_LT(found.connections.attempts, 8);
}

TEST(fleet_trouble, one_acknowledgement_that_never_comes_does_not_end_its_publisher) {
  for (const double rate : {0.0, 1'000.0}) {
    plan plan = pairs_plan(1, mqtt::qos::at_least_once, rate == 0 ? 20 : 0, rate);
    plan.groups[0].version = mqtt::version::v5;
    running run(plan);
    run.server.receive_maximum = 20;
    run.server.drops_puback = 100;
    const results found = run.finish();
    EXPECT_GT(found.messages.deliveries, 900);
    EXPECT_EQ(faults_of(found, fault_kind::never_acknowledged), 1);
    EXPECT_EQ(found.audit.faults(), 1);
    EXPECT_THAT(found.failures, testing::IsEmpty());
  }
}

TEST(fleet_trouble, what_was_due_and_never_sent_is_told) {
  plan plan = pairs_plan(2, mqtt::qos::at_least_once, 0, 1'000);
  plan.groups[0].reconnect.enabled = false;
  plan.groups[1].reconnect.enabled = false;
  running run(plan);
  run.turn_until(phase::measuring);
  for (int turns = 0; turns < 500; ++turns) run.turn();
  for (std::uint32_t client = 0; client < 4; ++client) run.lose(client);
  const results found = run.finish();
  EXPECT_NEAR(static_cast<double>(found.unsent), 500, 10);
  EXPECT_NEAR(found.generator.blocked_s, 2 * 0.5, 0.02);
  ASSERT_FALSE(found.failures.empty());
  EXPECT_THAT(found.failures[0], testing::HasSubstr("were not sent while it was measured"));
}

TEST(fleet_trouble, a_slow_schedule_is_no_stall) {
  plan plan = pairs_plan(1, mqtt::qos::at_least_once, 0, 0.2);
  plan.measuring.duration_ns = 20 * second_ns;
  plan.measuring.stall_ns = 2 * second_ns;
  running run(plan);
  const results found = run.finish();
  EXPECT_THAT(found.failures, testing::IsEmpty());
  EXPECT_NEAR(static_cast<double>(found.messages.deliveries), 4, 1);
}

TEST(fleet_trouble, the_servers_keep_alive_is_kept) {
  plan plan;
  plan.groups = {a_group("idle", 1)};
  plan.groups[0].version = mqtt::version::v5;
  plan.groups[0].keep_alive_s = 60;
  running run(plan);
  run.server.keep_alive_s = std::uint16_t{1};
  for (int turns = 0; turns < 5'500; ++turns) run.turn();
  EXPECT_EQ(run.count("0 PINGREQ"), 5);
}

TEST(fleet_trouble, a_session_that_stays_is_wiped_once_and_resumed_from_then_on) {
  plan plan = pairs_plan(1, mqtt::qos::at_least_once, 0, 500);
  plan.groups[1].version = mqtt::version::v5;
  plan.groups[1].session_expiry_s = 3'600;  // and Clean Start as it is by default
  plan.groups[1].reconnect.first_ns = 50 * ms;
  plan.events = {{300 * ms, 1, 1, false}, {600 * ms, 1, 1, false}};
  running run(plan);
  const results found = run.finish();
  EXPECT_EQ(found.audit.faults(), 0);
  EXPECT_EQ(run.count("1 SUBSCRIBE t/0"), 1);
}

TEST(fleet_trouble, what_the_server_keeps_for_who_cannot_come_back_is_not_lost) {
  plan plan = pairs_plan(2, mqtt::qos::at_least_once, 0, 500);
  for (group& group : plan.groups) {
    group.clean_start = false;
    group.reconnect.first_ns = 50 * ms;
  }
  plan.measuring.stall_ns = 3 * second_ns;
  running run(plan);
  run.turn_until(phase::measuring);
  for (int turns = 0; turns < 800; ++turns) run.turn();
  run.server.answers = false;  // the last acknowledgements are missing
  for (int turns = 0; turns < 100; ++turns) run.turn();
  run.server.answers = true;
  run.server.accepts = false;
  for (std::uint32_t client = 0; client < 4; ++client) run.lose(client);
  const results found = run.finish();
  EXPECT_EQ(found.audit.faults(), 0);
  EXPECT_GT(found.audit.in_doubt, 10);
  EXPECT_THAT(found.failures, testing::Contains(testing::HasSubstr("4 clients were away in the end")));
}

TEST(fleet_trouble, a_run_that_is_ended_while_it_settles_ends) {
  plan plan = pairs_plan(1, mqtt::qos::at_least_once, 5);
  plan.measuring.settle_ns = 3'600 * second_ns;
  running run(plan);
  int seen = 0;
  run.server.fault = [&](std::uint32_t, auto& packets) {
    if (++seen == 500) packets.clear();
  };
  run.turn_until(phase::settling);
  for (int turns = 0; turns < 5'000; ++turns) run.turn();
  ASSERT_EQ(run.fleet().phase, phase::settling);
  run.fleet().is_stopped = true;
  const results found = run.finish();
  EXPECT_EQ(faults_of(found, fault_kind::lost), 1);
  EXPECT_TRUE(found.interrupted);
}

TEST(fleet_trouble, subscribers_that_no_topic_of_the_plan_reaches_are_told) {
  plan plan = pairs_plan(1, mqtt::qos::at_most_once, 5);
  plan.groups[1].subscribe->filters = {pattern("typo/%c")};
  running run(plan);
  const results found = run.finish();
  ASSERT_EQ(found.notes.size(), 1);
  EXPECT_THAT(found.notes[0], testing::HasSubstr("the filters of 'sub' match no topic"));
}

}  // namespace
}  // namespace headgate::loadtest::core
