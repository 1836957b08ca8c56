#include "mqtt/subscribe.hpp"

#include "mqtt/suback.hpp"
#include "tests/unit/mqtt/packets.hpp"

namespace headgate::mqtt {
namespace {

std::optional<errc> error_in(std::string_view body, version version = version::v5) {
  return error_of(decode_subscribe(owned_frame(0x82, body), version));
}

TEST(subscribe, a_3_1_1_packet) {
  const owned_frame packet(0x82, "0102 0003 'a/b' 01 0001 '#' 02");
  const auto decoded = decode_subscribe(packet, version::v3_1_1);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->packet_id, 0x0102);
  ASSERT_EQ(decoded->subscriptions.size(), 2U);
  EXPECT_EQ(decoded->subscriptions[0].filter, "a/b");
  EXPECT_EQ(decoded->subscriptions[0].maximum_qos, qos::at_least_once);
  EXPECT_EQ(decoded->subscriptions[1].filter, "#");
  EXPECT_EQ(decoded->subscriptions[1].maximum_qos, qos::exactly_once);
}

TEST(subscribe, a_v5_packet) {
  const owned_frame packet(0x82, "0102 0a 0b 8001 26 0001 'n' 0001 'v' 0003 'a/b' 2e");
  const auto decoded = decode_subscribe(packet, version::v5);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->subscription_identifier, 128U);
  const subscription& only = decoded->subscriptions.at(0);
  EXPECT_EQ(only.maximum_qos, qos::exactly_once);
  EXPECT_TRUE(only.no_local);
  EXPECT_TRUE(only.retain_as_published);
  EXPECT_EQ(only.retain_handling, 2);
}

TEST(subscribe, MQTT_3_8_3_2_needs_a_filter) {
  EXPECT_EQ(error_in("0001", version::v3_1_1), errc::no_topic_filter);
  EXPECT_EQ(error_in("0001 00"), errc::no_topic_filter);
}

TEST(subscribe, MQTT_2_2_1_3_packet_id_zero) {
  for (const version version : every_version) EXPECT_EQ(error_in("0000 0001 'a' 00", version), errc::packet_id_zero);
}

TEST(subscribe, MQTT_4_7_invalid_filters) {
  EXPECT_EQ(error_in("0001 0000 00", version::v3_1_1), errc::filter_invalid);
  EXPECT_EQ(error_in("0001 0002 'a#' 00", version::v3_1_1), errc::filter_invalid);
  EXPECT_EQ(error_in("0001 00 0001 'a' 00 0003 'a+b' 00"), errc::filter_invalid);
}

TEST(subscribe, MQTT_4_8_2_invalid_shares) {
  EXPECT_EQ(error_in("0001 00 0009 '$share//a' 00"), errc::filter_invalid);
  EXPECT_EQ(error_in("0001 00 0009 '$share/a/' 00"), errc::filter_invalid);
  EXPECT_EQ(error_in("0001 00 000a '$share/a/b' 00"), std::nullopt);
  EXPECT_EQ(error_in("0001 0009 '$share//a' 00", version::v3_1_1), std::nullopt);
}

TEST(subscribe, MQTT_3_8_3_1_filters_are_utf8) {
  EXPECT_EQ(error_in("0001 00 0001 ff 00"), errc::string_not_utf8);
  EXPECT_EQ(error_in("0001 00 0002 'a' 00 00"), errc::string_has_nul);
}

TEST(subscribe, MQTT_3_8_3_5_every_options_byte) {
  for (unsigned options = 0; options < 0x100; ++options) {
    for (const version version : every_version) {
      buffer body = version == version::v5 ? hex("0001 00 0001 'a'") : hex("0001 0001 'a'");
      body.push_back(static_cast<std::uint8_t>(options));
      const auto error = error_of(decode_subscribe(owned_frame(0x82, body), version));
      std::optional<errc> expected;
      if ((options >> 4 & 3) == 3) expected = errc::retain_handling_invalid;
      if ((options & 3) == 3) expected = errc::subscription_qos_invalid;
      if (options >> (version == version::v5 ? 6 : 2)) expected = errc::subscription_options_reserved;
      EXPECT_EQ(error, expected) << options;
    }
  }
}

TEST(subscribe, MQTT_3_8_3_4_no_local_on_a_shared_subscription) {
  EXPECT_EQ(error_in("0001 00 000a '$share/a/b' 04"), errc::no_local_on_shared);
  EXPECT_EQ(error_in("0001 00 0006 '$share' 04"), std::nullopt);
}

TEST(subscribe, its_property_set_3_8_2_1) {
  EXPECT_EQ(error_in("0001 02 0b 00 0001 'a' 00"), errc::property_value_invalid);
  EXPECT_EQ(error_in("0001 04 0b 01 0b 01 0001 'a' 00"), errc::property_repeated);
  EXPECT_EQ(error_in("0001 03 23 0001 0001 'a' 00"), errc::property_not_allowed);
}

TEST(subscribe, truncated) {
  for (const auto* body : {"", "00", "0001", "0001 00 00", "0001 00 0002 'a'", "0001 00 0001 'a'"}) {
    EXPECT_EQ(error_in(body), errc::truncated) << body;
  }
}

TEST(subscribe, golden_bytes_and_round_trip) {
  const subscribe packet{.packet_id = 0x0102,
                         .subscription_identifier = 300,
                         .subscriptions = {{.filter = "a/+",
                                            .maximum_qos = qos::at_least_once,
                                            .no_local = true,
                                            .retain_as_published = true,
                                            .retain_handling = 1},
                                           {.filter = "#", .maximum_qos = qos::exactly_once}}};
  EXPECT_EQ(encoded(packet, version::v3_1_1), hex("82 0c 0102 0003 'a/+' 01 0001 '#' 02"));
  EXPECT_EQ(encoded(packet, version::v5), hex("82 10 0102 03 0b ac02 0003 'a/+' 1d 0001 '#' 02"));
  for (const version version : every_version) {
    const buffer data = encoded(packet, version);
    const auto decoded = decode_subscribe(frame_of(data), version);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(encoded(*decoded, version), data);
  }
}

TEST(suback, golden_bytes) {
  const reason_code reasons[] = {reason_code::success, reason_code::granted_qos_2, reason_code::not_authorized};
  const suback packet{.packet_id = 0x0102, .reasons = reasons};
  EXPECT_EQ(encoded(packet, version::v5), hex("90 06 0102 00 00 02 87"));
  EXPECT_EQ(encoded(packet, version::v3_1_1), hex("90 05 0102 00 02 80"));  // 3.1.1: [MQTT-3.9.3-2]
}

TEST(suback, round_trip) {
  const buffer codes = hex("00 01 02 80 83 87 8f 91 97 9e a1 a2");
  std::vector<reason_code> reasons;
  for (const std::uint8_t code : codes) reasons.push_back(static_cast<reason_code>(code));
  for (const version version : every_version) {
    const buffer data = encoded(suback{.packet_id = 9, .reasons = reasons}, version);
    const auto decoded = decode_suback(frame_of(data), version);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->packet_id, 9);
    EXPECT_EQ(encoded(suback{.packet_id = 9, .reasons = decoded->reasons}, version), data);
    if (version == version::v5) {
      EXPECT_EQ(decoded->reasons, reasons);
    }
  }
}

TEST(suback, MQTT_3_9_3_reason_codes) {
  const buffer allowed_v5 = hex("00 01 02 80 83 87 8f 91 97 9e a1 a2");
  const buffer allowed_v3 = hex("00 01 02 80");
  for (unsigned code = 0; code < 0x100; ++code) {
    const auto last = static_cast<std::uint8_t>(code);
    const bool v5 = static_cast<bool>(decode_suback(owned_frame(0x90, buffer{0, 1, 0, last}), version::v5));
    const bool v3 = static_cast<bool>(decode_suback(owned_frame(0x90, buffer{0, 1, last}), version::v3_1_1));
    EXPECT_EQ(v5, std::ranges::find(allowed_v5, code) != allowed_v5.end()) << code;
    EXPECT_EQ(v3, std::ranges::find(allowed_v3, code) != allowed_v3.end()) << code;
  }
}

TEST(suback, truncated) {
  for (const auto* body : {"", "00", "0001"}) {
    for (const version version : every_version) {
      EXPECT_EQ(error_of(decode_suback(owned_frame(0x90, body), version)), errc::truncated) << body;
    }
  }
  EXPECT_EQ(error_of(decode_suback(owned_frame(0x90, "0000 00 00"), version::v5)), errc::packet_id_zero);
}

TEST(suback, a_reason_string_in_mqtt_5) {
  const reason_code reasons[] = {reason_code::not_authorized};
  const suback packet{.packet_id = 0x0102, .reasons = reasons, .reason_string = "why"};
  const buffer data = encoded(packet, version::v5);
  EXPECT_EQ(data, hex("90 [0102 [1f 0003 'why'] 87]"));
  EXPECT_EQ(decode_suback(frame_of(data), version::v5)->reason_string, "why");
  EXPECT_EQ(encoded(packet, version::v3_1_1), hex("90 03 0102 80"));
  EXPECT_EQ(encoded(packet, version::v3_1), hex("90 03 0102 80"));
}

}  // namespace
}  // namespace headgate::mqtt
