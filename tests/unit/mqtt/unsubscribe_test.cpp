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

TEST(unsuback, a_reason_string_in_mqtt_5) {
  const reason_code reasons[] = {reason_code::success};
  const unsuback packet{.packet_id = 0x0102, .reasons = reasons, .reason_string = "why"};
  EXPECT_EQ(encoded(packet, version::v5), hex("b0 [0102 [1f 0003 'why'] 00]"));
  EXPECT_EQ(encoded(packet, version::v3_1), hex("b0 02 0102"));
}

TEST(unsuback, MQTT_3_11_3_reason_codes) {
  const buffer allowed = hex("00 11 80 83 87 8f 91");
  for (unsigned code = 0; code < 0x100; ++code) {
    const buffer body{0, 1, 0, static_cast<std::uint8_t>(code)};
    const auto decoded = decode_unsuback(owned_frame(0xb0, body), version::v5);
    EXPECT_EQ(static_cast<bool>(decoded), std::ranges::find(allowed, code) != allowed.end()) << code;
    if (decoded) {
      EXPECT_EQ(decoded->reasons, std::vector{static_cast<reason_code>(code)});
    }
  }
}

TEST(unsuback, decoded) {
  const owned_frame packet(0xb0, "0102 [1f 0003 'why' 26 0001 'n' 0001 'v'] 00 11");
  const auto decoded = decode_unsuback(packet, version::v5);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->packet_id, 0x0102);
  EXPECT_EQ(decoded->reason_string, "why");
  EXPECT_EQ(decoded->reasons, (std::vector{reason_code::success, reason_code::no_subscription_existed}));
  const auto error = [](std::string_view body, version version) {
    return error_of(decode_unsuback(owned_frame(0xb0, body), version));
  };
  EXPECT_EQ(error("0102", version::v3_1_1), std::nullopt);
  EXPECT_EQ(error("0102 00", version::v3_1), errc::trailing_bytes);
  EXPECT_EQ(error("0000", version::v3_1_1), errc::packet_id_zero);
  EXPECT_EQ(error("01", version::v3_1_1), errc::truncated);
  EXPECT_EQ(error("0102 00", version::v5), errc::truncated);
  EXPECT_EQ(error("0102 [23 0001] 00", version::v5), errc::property_not_allowed);
}

TEST(unsubscribe, golden_bytes_and_round_trip) {
  const unsubscribe packet{.packet_id = 0x0102, .filters = {"a/+", "#"}};
  EXPECT_EQ(encoded(packet, version::v3_1_1), hex("a2 [0102 0003 'a/+' 0001 '#']"));
  EXPECT_EQ(encoded(packet, version::v5), hex("a2 [0102 00 0003 'a/+' 0001 '#']"));
  for (const version version : every_version) {
    const buffer data = encoded(packet, version);
    const auto decoded = decode_unsubscribe(frame_of(data), version);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->filters, packet.filters);
  }
}

}  // namespace
}  // namespace headgate::mqtt
