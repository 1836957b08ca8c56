#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadtest/plan/check_plan.hpp"
#include "loadtest/plan/plan_file.hpp"
#include "tests/unit/property.hpp"
#include "tests/unit/text_mutations.hpp"

// A plan that somebody edited badly gives an error with its line, or can be carried out.
namespace headgate::loadtest::plan {
namespace {

using ::testing::MatchesRegex;

constexpr const char* rich = R"(# Devices that lose their connections
name: "storm"
targets: [127.0.0.1:1883, '[::1]:1884']
seed: 9
measure:
  warm_up: 2s
  duration: 1m
  settle: 20s     # longer than they are away
audit:
  qos0_may_drop: false
  memory: 8MiB
groups:
  devices:
    clients: 100
    version: 5
    client_id: 'device-%4c'
    session: { clean_start: false, expiry: 1h }
    keep_alive: 90
    connect: { rate: 12.5, in_flight: 7 }
    reconnect:
      first: 2s
      most: 30s
      jitter: 0.25
    life: { hold: 4s, away: 5s, jitter: 1 }
    subscribe:
      filters:
        - 'commands/%c'
        - all/+/commands
      qos: 1
  services:
    clients: 100
    publish:
      topic: commands/%c
      qos: 1
      payload: 64..512
      rate: 100
  fast:
    publish: { topic: 'fast/%n', topics: 100, window: 20 }
  readers:
    clients: 3
    subscribe: { filters: 'fast/%n', topics: 100 }
events:
  - { at: 30s, group: devices, disconnect: 30% }
  - at: 40s
    group: devices
    disconnect: 100%
    how: clean
)";

TEST(mutations, each_gives_an_error_with_its_line_or_a_plan_that_can_be_carried_out) {
  tests::dice dice(6);
  int accepted = 0;
  for (int n = 0; n < 2'000; ++n) {
    const auto text = tests::mutated(rich, dice);
    SCOPED_TRACE("mutation " + std::to_string(n) + ":\n" + text);
    try {
      const auto plan = read_plan(text, "p.yaml", 1);
      ++accepted;
      EXPECT_TRUE(find_conflicts(plan).empty());
    } catch (const plan_error& error) {
      for (const auto& line : tests::split(error.what()))
        EXPECT_THAT(line, MatchesRegex("p[.]yaml:[1-9][0-9]*: .{15,}|there are more.*"));
    }
    if (HasFailure()) break;
  }
  // Of each kind there are enough.
  EXPECT_GT(accepted, 100);
  EXPECT_LT(accepted, 1'200);
}

TEST(mutations, the_original_is_good) {
  EXPECT_EQ(read_plan(rich, "p.yaml", 1).groups.size(), 4U);
}

}  // namespace
}  // namespace headgate::loadtest::plan
