#include "tests/unit/loadtest/core/running_fleet.hpp"

namespace headgate::loadtest::core {
namespace {

TEST(fleet, pairs_receive_everything_at_every_qos) {
  for (const auto qos : {mqtt::qos::at_most_once, mqtt::qos::at_least_once, mqtt::qos::exactly_once}) {
    running run(pairs_plan(3, qos, 10));
    const results found = run.finish();
    EXPECT_THAT(found.failures, testing::IsEmpty());
    EXPECT_EQ(found.audit.faults(), 0);
    EXPECT_GT(found.messages.deliveries, 1'000);
    EXPECT_EQ(found.audit.received, run.server.publishes);
    EXPECT_EQ(found.connections.accepted, 6);
    EXPECT_EQ(found.exit_status(), 0);
  }
}

TEST(fleet, keeps_no_more_under_way_than_its_window) {
  running run(pairs_plan(1, mqtt::qos::at_most_once, 10));
  run.turn_until(phase::warming_up);
  run.turn();
  EXPECT_EQ(run.server.publishes, 10);
  run.turn();
  EXPECT_EQ(run.server.publishes, 20);
}

TEST(fleet, a_window_is_that_of_the_slowest_subscriber) {
  plan plan = pairs_plan(1, mqtt::qos::at_most_once, 10);
  plan.groups[1].clients = 3;
  plan.groups[1].subscribe->filters = {pattern("t/0")};
  running run(plan);
  run.turn_until(phase::warming_up);
  run.turn();
  ASSERT_EQ(run.server.publishes, 10);
  // The third one is given nothing from now on.
  std::vector<std::uint8_t>& output = run.server.links[3].output;
  const std::vector<std::uint8_t> kept = std::exchange(output, {});
  run.turn();
  EXPECT_EQ(run.server.publishes, 10);
  output.insert(output.begin(), kept.begin(), kept.end());
  run.turn();
  EXPECT_EQ(run.server.publishes, 20);
}

TEST(fleet, members_of_a_shared_subscription_are_one_subscriber_to_a_window) {
  plan plan = pairs_plan(1, mqtt::qos::at_least_once, 10);
  plan.groups[1].clients = 3;
  plan.groups[1].subscribe->filters = {pattern("t/0")};
  plan.groups[1].subscribe->share = "work";
  running run(plan);
  const results found = run.finish();
  EXPECT_EQ(found.audit.faults(), 0);
  EXPECT_GT(found.messages.deliveries, 1'000);
  EXPECT_EQ(found.windows_reopened, 0);
}

TEST(fleet, an_open_loop_sends_when_messages_are_due_whatever_has_arrived) {
  running run(pairs_plan(2, mqtt::qos::at_least_once, 0, 1'000));
  run.server.answers = true;
  run.turn_until(phase::measuring);
  const std::uint64_t before = run.server.publishes;
  for (int turns = 0; turns < 100; ++turns) run.turn();
  EXPECT_NEAR(static_cast<double>(run.server.publishes - before), 100, 1);
}

TEST(fleet, latency_of_an_open_loop_counts_from_when_the_message_was_due) {
  running run(pairs_plan(1, mqtt::qos::at_most_once, 0, 100));
  run.turn_until(phase::measuring);
  run.server.links[0].room = 1;
  for (int turns = 0; turns < 500; ++turns) run.turn();  // nothing goes out for half a second
  run.server.links[0].room = ~std::size_t{0};
  const results found = run.finish();
  EXPECT_NEAR(static_cast<double>(found.deliver.maximum_ns()), 490.0 * ms, 20.0 * ms);
  EXPECT_NEAR(found.generator.blocked_s, 0.48, 0.03);
  EXPECT_LE(found.generator.lag.percentile_ns(1), 2 * ms);
  EXPECT_EQ(found.audit.faults(), 0);
}

TEST(fleet, reports_a_lost_message_and_no_other) {
  running run(pairs_plan(2, mqtt::qos::at_least_once, 10));
  int seen = 0;
  run.server.fault = [&](std::uint32_t, auto& packets) {
    if (++seen == 500) packets.clear();
  };
  const results found = run.finish();
  EXPECT_EQ(faults_of(found, fault_kind::lost), 1);
  EXPECT_EQ(found.audit.faults(), 1);
  EXPECT_EQ(found.exit_status(), 1);
}

TEST(fleet, reports_a_corrupted_byte_wherever_it_is) {
  for (const std::size_t back : {0U, 5U, 24U, 40U, 60U}) {
    running run(pairs_plan(1, mqtt::qos::at_least_once, 10));
    int seen = 0;
    run.server.fault = [&](std::uint32_t, auto& packets) {
      if (++seen == 500) packets[0][packets[0].size() - 1 - back] ^= 1;
    };
    const results found = run.finish();
    EXPECT_EQ(faults_of(found, fault_kind::corrupted), 1) << back;
    EXPECT_EQ(found.audit.faults(), 1) << back;
  }
}

TEST(fleet, reports_duplicates_and_swaps) {
  running run(pairs_plan(1, mqtt::qos::at_least_once, 10));
  int seen = 0;
  std::vector<std::uint8_t> held;
  run.server.fault = [&](std::uint32_t, auto& packets) {
    ++seen;
    if (seen == 500) packets.push_back(packets[0]);
    if (seen == 600) held = std::exchange(packets, {})[0];
    if (seen == 601) packets.push_back(held);
  };
  const results found = run.finish();
  EXPECT_EQ(faults_of(found, fault_kind::duplicated), 1);
  EXPECT_EQ(faults_of(found, fault_kind::reordered), 1);
  EXPECT_EQ(found.audit.faults(), 2);
}

TEST(fleet, persistent_subscribers_that_come_and_go_lose_nothing) {
  plan plan = pairs_plan(4, mqtt::qos::at_least_once, 0, 500);
  group& subscribers = plan.groups[1];
  subscribers.version = mqtt::version::v5;
  subscribers.clean_start = false;
  subscribers.session_expiry_s = 3'600;
  subscribers.life = {100 * ms, 150 * ms, 0.5};
  running run(plan);
  const results found = run.finish();
  EXPECT_GT(found.connections.ended_by_plan, 10);
  EXPECT_THAT(found.failures, testing::IsEmpty());
  EXPECT_EQ(found.audit.faults(), 0);
  EXPECT_EQ(found.audit.received, run.server.publishes);
}

TEST(fleet, a_session_that_the_server_forgot_is_a_fault_with_its_losses) {
  plan plan = pairs_plan(1, mqtt::qos::at_least_once, 0, 500);
  plan.groups[1].clean_start = false;
  running run(plan);
  run.turn_until(phase::measuring);
  for (int turns = 0; turns < 100; ++turns) run.turn();
  run.server.forgets_sessions = true;
  run.lose(1);
  const results found = run.finish();
  EXPECT_EQ(faults_of(found, fault_kind::session_lost), 1);
  EXPECT_GT(faults_of(found, fault_kind::lost), 100);
}

TEST(fleet, a_publisher_with_a_session_sends_again_what_was_under_way) {
  plan plan = pairs_plan(1, mqtt::qos::exactly_once, 5);
  plan.groups[0].clean_start = false;
  plan.groups[0].reconnect.first_ns = 50 * ms;
  running run(plan);
  run.turn_until(phase::measuring);
  for (int losses = 0; losses < 5; ++losses) {
    for (int turns = 0; turns < 7; ++turns) run.turn();
    run.server.links[0].output.clear();  // acknowledgements that never come
    run.lose(0);
    run.turn_until([&] { return run.fleet().clients[0].stage == stage::ready; });
  }
  const results found = run.finish();
  EXPECT_EQ(found.audit.faults(), 0);
  EXPECT_EQ(found.audit.in_doubt, 0);
}

TEST(fleet, comes_back_with_growing_waits_when_it_is_refused) {
  plan plan = pairs_plan(1, mqtt::qos::at_most_once, 1);
  plan.groups[0].reconnect = {true, 100 * ms, 400 * ms, 0};
  plan.groups[1].reconnect = {true, 100 * ms, 400 * ms, 0};
  plan.measuring.stall_ns = 3 * second_ns;
  running run(plan);
  run.server.accepts = false;
  run.turn_until([&] { return run.fleet().phase == phase::over; });
  const results found = take_results(run.fleet(), run.now);
  // At 0, 0.1, 0.3, 0.7, 1.1, … s, of two clients.
  EXPECT_NEAR(static_cast<double>(found.connections.refused), 2 * 9, 2);
  ASSERT_EQ(found.failures.size(), 1);
  EXPECT_THAT(found.failures[0], testing::HasSubstr("refused: Server unavailable"));
}

TEST(fleet, says_so_when_nothing_moves_any_more) {
  plan plan = pairs_plan(1, mqtt::qos::at_least_once, 10);
  plan.measuring.duration_ns = 60 * second_ns;
  plan.measuring.stall_ns = 3 * second_ns;
  running run(plan);
  run.turn_until(phase::measuring);
  run.server.answers = false;
  const results found = run.finish();
  ASSERT_EQ(found.failures.size(), 1);
  EXPECT_THAT(found.failures[0], testing::HasSubstr("nothing was delivered or acknowledged for 3 s"));
}

TEST(fleet, idle_clients_ping_and_leave_a_server_that_does_not_answer) {
  plan plan;
  plan.groups = {a_group("idle", 2)};
  plan.groups[0].keep_alive_s = 1;
  plan.measuring.warm_up_ns = 0;
  plan.measuring.duration_ns = 20 * second_ns;
  running run(plan);
  for (int turns = 0; turns < 5'500; ++turns) run.turn();
  EXPECT_EQ(run.count("0 PINGREQ"), 5);
  EXPECT_EQ(run.fleet().connected, 2);
  run.server.answers = false;
  for (int turns = 0; turns < 2'500; ++turns) run.turn();
  EXPECT_EQ(run.fleet().results.connections.unanswered, 2);
}

TEST(fleet, clients_come_at_the_rate_of_their_plan) {
  plan plan;
  plan.groups = {a_group("idle", 1'000)};
  plan.groups[0].connect.rate = 200;
  running run(plan);
  for (int turns = 0; turns < 1'000; ++turns) run.turn();
  EXPECT_NEAR(run.fleet().connected, 200, 2);
}

TEST(fleet, clients_that_cycle_connect_and_leave_all_the_time) {
  plan plan;
  plan.name = "conn";
  plan.groups = {a_group("cycle", 10)};
  plan.groups[0].life = {0, 0, 0};
  plan.measuring.warm_up_ns = 0;
  running run(plan);
  const results found = run.finish();
  EXPECT_THAT(found.failures, testing::IsEmpty());
  EXPECT_GT(found.messages.connects, 1'000);
  EXPECT_EQ(found.connections.accepted - found.connections.ended_by_plan, 0);
}

TEST(fleet, an_event_cuts_its_share_and_a_storm_comes_back) {
  plan plan = pairs_plan(100, mqtt::qos::at_least_once, 0, 1'000);
  plan.groups[1].reconnect = {true, 100 * ms, second_ns, 0.5};
  plan.events = {{300 * ms, 1, 0.3, false}, {600 * ms, 1, 1, true}};
  running run(plan);
  const results found = run.finish();
  EXPECT_NEAR(static_cast<double>(found.connections.ended_by_plan), 130 + 200, 20);
  EXPECT_EQ(found.audit.faults(), 0);
}

TEST(fleet, churn_subscribes_and_unsubscribes_the_one_before) {
  plan plan = pairs_plan(1, mqtt::qos::at_most_once, 5);
  group churner = a_group("churn", 1);
  churner.subscribe.emplace();
  churner.subscribe->filters = {pattern("own/%n")};
  churner.subscribe->topics = 1'000;
  churner.subscribe->churn_rate = 100;
  plan.groups.push_back(churner);
  running run(plan);
  const results found = run.finish();
  EXPECT_NEAR(static_cast<double>(found.messages.subscribes), 100, 3);
  EXPECT_EQ(run.count("2 SUBSCRIBE own/7"), 1);
  EXPECT_EQ(run.count("2 UNSUBSCRIBE own/7"), 1);
}

TEST(fleet, an_interrupted_run_ends_with_its_results) {
  plan plan = pairs_plan(2, mqtt::qos::at_least_once, 10);
  plan.measuring.duration_ns = 60 * second_ns;
  running run(plan);
  run.turn_until(phase::measuring);
  for (int turns = 0; turns < 200; ++turns) run.turn();
  run.fleet().is_stopped = true;
  const results found = run.finish();
  EXPECT_TRUE(found.interrupted);
  EXPECT_EQ(found.audit.faults(), 0);
  EXPECT_NEAR(found.measured_s, 0.2, 0.01);
}

TEST(fleet, a_publisher_has_its_topics_in_turn_and_wildcards_get_their_part) {
  plan plan = pairs_plan(2, mqtt::qos::at_least_once, 10);
  plan.groups[0].publish->topic = pattern("t/%c/%n");
  plan.groups[0].publish->topics = 7;
  plan.groups[1].clients = 1;
  plan.groups[1].subscribe->filters = {pattern("t/+/3"), pattern("t/1/5")};
  running run(plan);
  const results found = run.finish();
  EXPECT_EQ(found.audit.faults(), 0);
  // Of seven messages of publisher 0 one, of publisher 1 two.
  EXPECT_NEAR(static_cast<double>(found.audit.received) / static_cast<double>(run.server.publishes), 1.5 / 7, 0.01);
}

TEST(fleet, a_window_of_one_goes_on_past_messages_that_nobody_wants) {
  plan plan = pairs_plan(1, mqtt::qos::at_most_once, 1);
  plan.groups[0].publish->topic = pattern("t/%n");
  plan.groups[0].publish->topics = 7;
  plan.groups[1].subscribe->filters = {pattern("t/3")};
  running run(plan);
  const results found = run.finish();
  EXPECT_EQ(found.audit.faults(), 0);
  EXPECT_GT(found.messages.deliveries, 100);
  EXPECT_EQ(found.windows_reopened, 0);
}

}  // namespace
}  // namespace headgate::loadtest::core
