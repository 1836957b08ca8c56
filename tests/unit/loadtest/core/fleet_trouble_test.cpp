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

TEST(fleet_trouble, publishers_that_cannot_come_back_are_a_stall) {
  plan plan = pairs_plan(2, mqtt::qos::at_most_once, 5);
  plan.measuring.duration_ns = 60 * second_ns;
  plan.measuring.stall_ns = 2 * second_ns;
  running run(plan);
  run.turn_until(phase::measuring);
  run.server.accepts = false;
  for (std::uint32_t client = 0; client < 4; ++client) run.lose(client);
  const results found = run.finish();
  EXPECT_LT(found.measured_s, 5);
  EXPECT_THAT(found.failures, testing::Contains(testing::HasSubstr("nothing was delivered or acknowledged")));
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

TEST(fleet_trouble, a_run_without_an_audit_is_not_one_in_which_nothing_came) {
  plan plan = pairs_plan(1, mqtt::qos::at_most_once, 5);
  plan.audit.enabled = false;
  running run(plan);
  const results found = run.finish();
  EXPECT_THAT(found.failures, testing::IsEmpty());
  EXPECT_FALSE(found.audited);
}

TEST(fleet_trouble, subscribers_that_come_late_by_plan_are_no_stall) {
  plan plan = pairs_plan(1, mqtt::qos::at_most_once, 0, 100);
  plan.groups[1].connect.at_ns = 5 * second_ns;
  plan.measuring.duration_ns = 8 * second_ns;
  plan.measuring.stall_ns = 2 * second_ns;
  running run(plan);
  const results found = run.finish();
  EXPECT_THAT(found.failures, testing::IsEmpty());
  EXPECT_GT(found.messages.deliveries, 250);
}

TEST(fleet_trouble, messages_that_nobody_receives_are_no_stall) {
  plan plan = pairs_plan(1, mqtt::qos::at_most_once, 0, 100);
  plan.groups[0].publish->topic = pattern("telemetry");
  group commands = a_group("commands", 1);
  commands.publish = plan.groups[0].publish;
  commands.publish->topic = pattern("t/0");
  commands.publish->rate = 0.2;
  plan.groups.push_back(commands);
  plan.measuring.duration_ns = 11 * second_ns;
  plan.measuring.stall_ns = 2 * second_ns;
  running run(plan);
  const results found = run.finish();
  EXPECT_THAT(found.failures, testing::IsEmpty());
}

TEST(fleet_trouble, who_is_cut_by_plan_for_longer_than_a_stall_is_none) {
  plan plan = pairs_plan(2, mqtt::qos::at_least_once, 0, 500);
  plan.groups[0].reconnect.first_ns = 4 * second_ns;
  plan.events = {{500 * ms, 0, 1, false}};
  plan.measuring.duration_ns = 8 * second_ns;
  plan.measuring.stall_ns = 2 * second_ns;
  running run(plan);
  const results found = run.finish();
  EXPECT_THAT(found.failures, testing::IsEmpty());
  EXPECT_EQ(found.audit.faults(), 0);
  EXPECT_NEAR(found.generator.blocked_s, 0, 0.01);
}

TEST(fleet_trouble, messages_of_others_keep_no_run_from_ending) {
  plan plan = pairs_plan(1, mqtt::qos::at_least_once, 5);
  group others = a_group("others", 1);
  others.subscribe.emplace();
  others.subscribe->filters = {pattern("elsewhere")};
  plan.groups.push_back(others);
  running run(plan);
  int seen = 0;
  run.server.fault = [&](std::uint32_t, auto& packets) {
    if (++seen == 500) packets.clear();
  };
  std::uint64_t settling_ns = 0;
  while (run.fleet().phase != phase::over && settling_ns < 60 * second_ns) {
    if (run.fleet().phase == phase::settling) settling_ns += ms;
    if (run.server.links[2].is_open && run.fleet().clients[2].stage == stage::ready) {
      std::vector<std::uint8_t>& output = run.server.links[2].output;
      output.insert(output.end(), {0x30, 4, 0, 1, 'e', 'x'});
    }
    run.turn();
  }
  EXPECT_LT(settling_ns, 5 * second_ns);
  const results found = take_results(run.fleet(), run.now);
  EXPECT_EQ(faults_of(found, fault_kind::lost), 1);
  EXPECT_GT(found.audit.foreign, 1'000);
}

TEST(fleet_trouble, nobody_is_called_once_the_run_settles) {
  plan plan = pairs_plan(1, mqtt::qos::at_least_once, 5);
  group late = a_group("late", 1'000);
  late.connect = {500 * ms, 10, 100};
  plan.groups.push_back(late);
  running run(plan);
  run.turn_until(phase::settling);
  const std::uint64_t called = run.fleet().groups[2].called;
  const results found = run.finish();
  EXPECT_EQ(run.fleet().groups[2].called, called);
  EXPECT_EQ(found.audit.faults(), 0);
}

TEST(fleet_trouble, a_subscriber_of_few_messages_that_comes_late_does_not_shut_the_window_of_all) {
  plan plan = pairs_plan(1, mqtt::qos::at_most_once, 10);
  plan.groups[0].publish->topic = pattern("t/%n");
  plan.groups[0].publish->topics = 1'000;
  plan.groups[1].subscribe->filters = {pattern("t/#")};
  group few = a_group("few", 1);
  few.subscribe.emplace();
  few.subscribe->filters = {pattern("t/3")};
  few.connect.at_ns = 2 * second_ns;
  plan.groups.push_back(few);
  plan.measuring.duration_ns = 4 * second_ns;
  running run(plan);
  const results found = run.finish();
  EXPECT_GT(found.messages.deliveries, 39'000);  // ten a millisecond, also in the second half
  EXPECT_EQ(found.windows_reopened, 0);
  EXPECT_EQ(found.audit.faults(), 0);
}

TEST(fleet_trouble, subscribers_that_come_and_go_do_not_shut_a_window) {
  plan plan = pairs_plan(1, mqtt::qos::at_most_once, 1);
  plan.groups[1].clients = 5;
  plan.groups[1].subscribe->filters = {pattern("t/0")};
  plan.groups[1].life = {50 * ms, 20 * ms, 0.5};
  plan.measuring.duration_ns = 4 * second_ns;
  running run(plan);
  const results found = run.finish();
  EXPECT_GT(found.messages.sent, 1'000);
  EXPECT_LE(found.windows_reopened, 1);
  EXPECT_EQ(found.audit.faults(), 0);
}

TEST(fleet_trouble, who_may_not_come_back_by_plan_is_no_failure) {
  plan plan = pairs_plan(2, mqtt::qos::at_least_once, 0, 500);
  plan.groups[1].clean_start = false;
  plan.groups[1].reconnect.enabled = false;
  plan.events = {{500 * ms, 1, 1, false}};
  running run(plan);
  const results found = run.finish();
  EXPECT_THAT(found.failures, testing::IsEmpty());
  EXPECT_EQ(found.audit.faults(), 0);
}

}  // namespace
}  // namespace headgate::loadtest::core
