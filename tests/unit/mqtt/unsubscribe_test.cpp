#include "mqtt/unsubscribe.hpp"

#include "mqtt/unsuback.hpp"
#include "tests/unit/mqtt/packets.hpp"

namespace headgate::mqtt {
namespace {

std::optional<errc> error_in(std::string_view body, version version = version::v5) {
  return error_of(decode_unsubscribe(owned_frame(0xa2, body), version));
}

TEST(unsubscribe, every_version) {
  const owned_frame v3(0xa2, "0102 0003 'a/b' 0001 '#'");
  const owned_frame v5(0xa2, "0102 07 26 0001 'n' 0001 'v' 0003 'a/b' 0001 '#'");
  for (const auto& decoded : {decode_unsubscribe(v3, version::v3_1_1), decode_unsubscribe(v5, version::v5)}) {
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->packet_id, 0x0102);
    EXPECT_EQ(decoded->filters, (std::vector<std::string_view>{"a/b", "#"}));
  }
}

TEST(unsubscribe, MQTT_3_10_3_2_needs_a_filter) {
  EXPECT_EQ(error_in("0001", version::v3_1_1), errc::no_topic_filter);
  EXPECT_EQ(error_in("0001 00"), errc::no_topic_filter);
}

TEST(unsubscribe, its_filters_are_checked_as_in_subscribe) {
  EXPECT_EQ(error_in("0001 00 0000"), errc::filter_invalid);
  EXPECT_EQ(error_in("0001 00 0002 'a#'"), errc::filter_invalid);
  EXPECT_EQ(error_in("0001 00 0009 '$share//a'"), errc::filter_invalid);
  EXPECT_EQ(error_in("0001 00 0001 ff"), errc::string_not_utf8);
  EXPECT_EQ(error_in("0001 00 0001 00"), errc::string_has_nul);
}

TEST(unsubscribe, packet_id_properties_and_truncation) {
  EXPECT_EQ(error_in("0000 00 0001 'a'"), errc::packet_id_zero);
  EXPECT_EQ(error_in("0001 02 0b 01 0001 'a'"), errc::property_not_allowed);
  for (const auto* body : {"", "00", "0001", "0001 00 00", "0001 00 0002 'a'"}) {
    EXPECT_EQ(error_in(body), errc::truncated) << body;
  }
}

TEST(unsuback, golden_bytes) {
  const reason_code reasons[] = {reason_code::success, reason_code::no_subscription_existed};
  const unsuback packet{.packet_id = 0x0102, .reasons = reasons};
  EXPECT_EQ(encoded(packet, version::v5), hex("b0 05 0102 00 00 11"));
  EXPECT_EQ(encoded(packet, version::v3_1_1), hex("b0 02 0102"));
}

}  // namespace
}  // namespace headgate::mqtt
