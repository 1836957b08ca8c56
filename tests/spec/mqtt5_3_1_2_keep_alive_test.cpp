#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

constexpr mqtt::version both[] = {mqtt::version::v3_1_1, mqtt::version::v5};

// [3.1.1 MQTT-3.1.2-24] [5.0 MQTT-3.1.2-22] A client that says nothing for one and a half times its keep-alive is
// disconnected, and no earlier.
TEST(mqtt5_3_1_2_keep_alive, silence_of_one_and_a_half_times_ends_the_connection) {
  for (const auto version : both) {
    conversation talk;
    const auto client = talk.join("a", version, {.keep_alive_s = 10});
    talk.advance_s(14);
    EXPECT_TRUE(talk.is_open(client));
    talk.advance_s(2);
    EXPECT_FALSE(talk.is_open(client));
  }
}

}  // namespace

}  // namespace headgate::worker::testing
