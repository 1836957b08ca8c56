#include "mqtt/connect.hpp"
#include "mqtt/publish.hpp"
#include "tests/unit/mqtt/packets.hpp"

namespace headgate::mqtt {
namespace {

TEST(will, golden_bytes) {
  const buffer payload = hex("00ff");
  const buffer properties = hex("18 00000001 01 01 02 00000002 03 0001 'c'");
  connect packet{.client_id = "id",
                 .will = will_view{.qos = qos::at_least_once,
                                   .retain = true,
                                   .topic = "w/t",
                                   .payload = payload,
                                   .properties = properties,
                                   .delay_interval_s = 7,
                                   .message_expiry_interval_s = 9},
                 .user_name = "u"};
  // The delay and the expiry are those of the members; the others keep their order.
  EXPECT_EQ(encoded(packet), hex("10 [0004 'MQTT' 05 ac 0000 [] 0002 'id' [18 00000007 02 00000009 01 01 03 0001 'c']"
                                 "0003 'w/t' 0002 00ff 0001 'u']"));
  packet.version = version::v3_1_1;
  EXPECT_EQ(encoded(packet), hex("10 [0004 'MQTT' 04 ac 0000 0002 'id' 0003 'w/t' 0002 00ff 0001 'u']"));
  packet.version = version::v5;
  packet.will = will_view{.topic = "w"};
  EXPECT_EQ(encoded(packet), hex("10 [0004 'MQTT' 05 84 0000 [] 0002 'id' [] 0001 'w' 0000 0001 'u']"));
}

TEST(will, what_travels_with_its_message_is_all_but_delay_and_expiry) {
  const owned_frame packet(0x10,
                           "0004 'MQTT' 05 06 0000 [] 0000 [26 0001 'x' 0001 '1' 18 00000007 01 01 02 00000009"
                           "26 0001 'x' 0001 '2' 08 0001 'r'] 0001 'w' 0000");
  const auto decoded = decode_connect(packet);
  ASSERT_TRUE(decoded);
  const will_view& will = *decoded->will;
  EXPECT_EQ(will.delay_interval_s, 7U);
  EXPECT_EQ(will.message_expiry_interval_s, 9U);
  EXPECT_TRUE(will.properties_need_filter);
  buffer forwarded(forwarded_properties_size(will.properties));
  EXPECT_EQ(copy_forwarded_properties(will.properties, forwarded.data()), forwarded.data() + forwarded.size());
  EXPECT_EQ(forwarded, hex("26 0001 'x' 0001 '1' 01 01 26 0001 'x' 0001 '2' 08 0001 'r'"));
}

TEST(will, without_delay_and_expiry_its_properties_travel_as_they_are) {
  const owned_frame packet(0x10, "0004 'MQTT' 05 06 0000 [] 0000 [01 01 03 0001 'c'] 0001 'w' 0000");
  const auto decoded = decode_connect(packet);
  ASSERT_TRUE(decoded);
  EXPECT_FALSE(decoded->will->properties_need_filter);
  EXPECT_EQ(decoded->will->delay_interval_s, 0U);
  EXPECT_EQ(decoded->will->message_expiry_interval_s, no_expiry);
}

}  // namespace
}  // namespace headgate::mqtt
