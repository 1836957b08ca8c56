#include "tests/unit/loadtest/core/running_fleet.hpp"

// Clients that the server is to refuse.
namespace headgate::loadtest::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

plan refused_plan(std::uint32_t clients, double rate) {
  plan made;
  group storm = a_group("storm", clients);
  storm.connect.expects_refusal = true;
  storm.connect.rate = rate;
  storm.connect.in_flight = clients;
  made.groups = {storm};
  made.measuring.warm_up_ns = 0;
  made.measuring.duration_ns = second_ns;
  return made;
}

TEST(fleet_refused, they_come_again_at_the_rate_and_are_counted) {
  running run(refused_plan(10, 500));
  run.server.accepts = false;
  const results found = run.finish();
  EXPECT_NEAR(static_cast<double>(found.messages.refusals), 500, 5);
  EXPECT_NEAR(static_cast<double>(found.connections.refused), 500, 5);
  EXPECT_EQ(found.connections.failed, 0);
  EXPECT_EQ(found.connect.total(), found.connections.refused);
  EXPECT_EQ(found.exit_status(), 0);
  // In the order of their numbers.
  EXPECT_LE(run.count("0 CONNECT storm-0") - run.count("9 CONNECT storm-9"), 1);
}

TEST(fleet_refused, without_a_rate_they_come_as_fast_as_they_are_answered) {
  running run(refused_plan(3, 0));
  run.server.accepts = false;
  const results found = run.finish();
  EXPECT_GT(found.messages.refusals, 1'000);
  EXPECT_THAT(found.failures, IsEmpty());
}

TEST(fleet_refused, a_limit_of_messages_counts_refusals) {
  plan plan = refused_plan(3, 0);
  plan.measuring.messages = 30;
  running run(plan);
  run.server.accepts = false;
  const results found = run.finish();
  EXPECT_NEAR(static_cast<double>(found.messages.refusals), 30, 3);
  EXPECT_LT(found.measured_s, 0.1);
}

TEST(fleet_refused, who_is_accepted_is_told_and_leaves) {
  running run(refused_plan(2, 100));
  const results found = run.finish();
  EXPECT_THAT(found.failures, ElementsAre(HasSubstr("connections were accepted that were to be refused")));
  EXPECT_EQ(found.connections.most_at_once, 0);
  EXPECT_EQ(found.messages.refusals, 0);
}

TEST(fleet_refused, a_server_that_says_nothing_has_not_refused) {
  plan plan = refused_plan(2, 100);
  plan.measuring.stall_ns = 200 * ms;
  running run(plan);
  run.server.answers = false;
  const results found = run.finish();
  EXPECT_GT(found.connections.unanswered, 4);
  EXPECT_THAT(found.failures, ElementsAre(HasSubstr("no connection was refused")));
}

TEST(fleet_refused, nobody_waits_for_them_and_others_go_on_beside_them) {
  plan plan = pairs_plan(2, mqtt::qos::at_least_once, 0, 100);
  plan.groups.push_back(refused_plan(10, 1'000).groups[0]);
  running run(plan);
  run.server.refuses = "storm-";
  const results found = run.finish();
  EXPECT_EQ(found.connections.accepted, 4);
  EXPECT_NEAR(static_cast<double>(found.messages.refusals), 1'000, 20);
  EXPECT_EQ(found.audit.faults(), 0);
  EXPECT_THAT(found.failures, IsEmpty());
}

}  // namespace
}  // namespace headgate::loadtest::core
