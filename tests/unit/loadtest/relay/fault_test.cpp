#include "loadtest/relay/fault.hpp"

#include "tests/unit/loadtest/relay/packets.hpp"

namespace headgate::loadtest::relay {
namespace {

TEST(fault, as_an_object) {
  const auto seen = down_with({"corrupt publish"}, publish_packet("x"));
  ASSERT_EQ(seen.faults.size(), 1U);
  auto made = seen.faults[0];
  made.bit = 3;
  made.packet_id = 5;
  made.client_id = "a\"\\\n";
  EXPECT_EQ(as_json(made),
            R"({"fault":"corrupt","rule":1,"connection":1,"client":"a\"\\?","direction":"down","packet":"PUBLISH",)"
            R"("id":5,"topic":"t","payload":1,"part":"payload","byte":0,"bit":3,"nth":1})");
}

TEST(fault, of_many_connections) {
  fault made;
  made.kind = fault_kind::stall;
  made.rule = 2;
  made.words = "stall 1s";
  made.nth = 1;
  EXPECT_EQ(as_text(made), "fault stall: stall 1s nth 1 rule 2");
  EXPECT_EQ(as_json(made), R"({"fault":"stall","rule":2,"words":"stall 1s","nth":1})");
}

TEST(fault, sums) {
  fault_log log;
  log.add({});
  log.done.connections = 2;
  log.done.of(direction::up) = {80, 3, 1};
  EXPECT_EQ(as_json(log.done),
            R"({"connections":2,"open":0,"failed_connects":0,"up":{"bytes":80,"packets":3,"publishes":1},)"
            R"("down":{"bytes":0,"packets":0,"publishes":0},"faults":{"drop":1}})");
  EXPECT_EQ(as_text(log.done),
            "connections 2, open 0, up 3 packets (1 PUBLISH, 80 bytes), down 0 packets (0 PUBLISH, 0 bytes), faults 1: "
            "drop 1");
}

TEST(fault, stalls_are_reported_as_they_begin) {
  bench relay;
  relay.tell("stall 1s every 10s");
  EXPECT_EQ(relay.plan.report_stalls(0, relay.log), 10'000'000'000U);
  EXPECT_EQ(relay.plan.report_stalls(9'999'999'999, relay.log), 10'000'000'000U);
  EXPECT_EQ(relay.faults.size(), 1U);
  EXPECT_EQ(relay.plan.report_stalls(25'000'000'000, relay.log), 30'000'000'000U);
  EXPECT_EQ(relay.faults.size(), 3U);
}

}  // namespace
}  // namespace headgate::loadtest::relay
