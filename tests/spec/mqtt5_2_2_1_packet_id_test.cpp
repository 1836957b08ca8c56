#include <set>

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

constexpr mqtt::version both[] = {mqtt::version::v3_1_1, mqtt::version::v5};
constexpr int burst = 1000;

// [3.1.1 MQTT-2.3.1-1] [3.1.1 MQTT-2.3.1-4] [5.0 MQTT-2.2.1-4] After 65,535 comes 1, not 0; an id that is in use is not
// given again, though the others have gone round.
TEST(mqtt5_2_2_1_packet_id, what_is_sent_goes_round_without_0_and_without_what_is_in_use) {
  for (const auto version : both) {
    conversation talk;
    const auto subscriber = talk.join("s", version);
    const auto publisher = talk.join("p", version);
    talk.subscribe(subscriber, "t", 1);
    std::set<std::uint16_t> seen;
    std::vector<received_publish> open;
    for (int round = 0; round < 70; ++round) {
      for (int n = 1; n <= burst; ++n) talk.publish(publisher, "t", "x", 1, static_cast<std::uint16_t>(n));
      talk.turn();
      talk.hear(publisher);
      const auto came = talk.take_publishes(subscriber);
      ASSERT_EQ(came.size(), static_cast<std::size_t>(burst));
      std::set<std::uint16_t> in_use;
      for (const auto& each : open) in_use.insert(each.packet_id);
      for (const auto& each : came) {
        ASSERT_NE(each.packet_id, 0);
        ASSERT_TRUE(in_use.insert(each.packet_id).second) << each.packet_id;
        seen.insert(each.packet_id);
      }
      // The last ten wait for their answer until after the next burst.
      talk.acknowledge(subscriber, open);
      open.assign(came.end() - 10, came.end());
      talk.acknowledge(subscriber, {came.begin(), came.end() - 10});
      talk.turn();
    }
    EXPECT_EQ(seen.size(), 65'535U);
  }
}

}  // namespace

}  // namespace headgate::worker::testing
