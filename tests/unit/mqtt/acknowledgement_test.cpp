#include "mqtt/acknowledgement.hpp"

#include "tests/unit/mqtt/packets.hpp"

namespace headgate::mqtt {
namespace {

struct kind {
  packet_type type;
  std::uint8_t first_byte;
  std::string_view reasons;  // that the standard gives to it
};
constexpr std::string_view receipt_reasons = "00 10 80 83 87 90 91 97 99";
constexpr std::string_view release_reasons = "00 92";
constexpr kind kinds[] = {
    {packet_type::puback, 0x40, receipt_reasons},
    {packet_type::pubrec, 0x50, receipt_reasons},
    {packet_type::pubrel, 0x62, release_reasons},
    {packet_type::pubcomp, 0x70, release_reasons},
};

std::optional<errc> error_in(const kind& each, std::string_view body, version version = version::v5) {
  return error_of(decode_acknowledgement(owned_frame(each.first_byte, body), version));
}

buffer with_first_byte(std::uint8_t first_byte, std::string_view rest) {
  buffer data = hex(rest);
  data.insert(data.begin(), first_byte);
  return data;
}

TEST(acknowledgement, golden_bytes) {
  for (const kind& each : kinds) {
    const acknowledgement plain{.type = each.type, .packet_id = 0x0102};
    for (const version version : every_version) {
      EXPECT_EQ(encoded(plain, version), with_first_byte(each.first_byte, "02 0102"));
    }
    const acknowledgement explained{.type = each.type, .packet_id = 0x0102, .reason_string = "why"};
    EXPECT_EQ(encoded(explained, version::v5), with_first_byte(each.first_byte, "[0102 00 [1f 0003 'why']]"));
    EXPECT_EQ(encoded(explained, version::v3_1_1), with_first_byte(each.first_byte, "02 0102"));
  }
  const acknowledgement refused{.packet_id = 0x0102, .reason = reason_code::quota_exceeded};
  EXPECT_EQ(encoded(refused, version::v3_1), hex("40 02 0102"));
  EXPECT_EQ(encoded(refused, version::v3_1_1), hex("40 02 0102"));
  EXPECT_EQ(encoded(refused, version::v5), hex("40 03 0102 97"));
  EXPECT_EQ(encoded(refused, version::v5).size(), max_acknowledgement_size);
}

TEST(acknowledgement, short_forms_3_4_2_1_and_3_4_2_2_1) {
  for (const kind& each : kinds) {
    const bool release = each.reasons == release_reasons;
    const std::string id = "0102";
    const std::string with_reason = id + (release ? " 92" : " 10");
    for (const auto& body :
         {id, with_reason, with_reason + " 00", with_reason + " [1f 0001 'r' 26 0001 'n' 0001 'v']"}) {
      const owned_frame packet(each.first_byte, body);
      const auto decoded = decode_acknowledgement(packet, version::v5);
      ASSERT_TRUE(decoded) << body;
      EXPECT_EQ(decoded->type, each.type);
      EXPECT_EQ(decoded->packet_id, 0x0102);
      const auto with = release ? reason_code::packet_identifier_not_found : reason_code::no_matching_subscribers;
      EXPECT_EQ(decoded->reason, body == id ? reason_code::success : with);
      EXPECT_EQ(decoded->reason_string, body.ends_with(']') ? "r" : "");
    }
  }
}

TEST(acknowledgement, reason_codes_3_4_2_1_3_5_2_1_3_6_2_1_and_3_7_2_1) {
  for (const kind& each : kinds) {
    const buffer allowed = hex(each.reasons);
    for (unsigned code = 0; code < 0x100; ++code) {
      const buffer body{0, 1, static_cast<std::uint8_t>(code)};
      const auto decoded = decode_acknowledgement(owned_frame(each.first_byte, body), version::v5);
      const bool good = std::ranges::find(allowed, code) != allowed.end();
      EXPECT_EQ(error_of(decoded), good ? std::nullopt : std::optional(errc::reason_code_invalid)) << code;
      if (good) {
        EXPECT_EQ(encoded(*decoded, version::v5).size(), code == 0 ? 4U : 5U);
      }
    }
  }
}

TEST(acknowledgement, round_trip_of_a_long_reason_string) {
  const std::string text(300, 'x');
  for (const kind& each : kinds) {
    const buffer data = encoded(acknowledgement{.type = each.type, .packet_id = 7, .reason_string = text}, version::v5);
    const auto decoded = decode_acknowledgement(frame_of(data), version::v5);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->type, each.type);
    EXPECT_EQ(decoded->reason_string, text);
    EXPECT_EQ(encoded(*decoded, version::v5), data);
  }
}

TEST(acknowledgement, MQTT_2_2_1_packet_id_zero) {
  for (const kind& each : kinds) {
    for (const version version : every_version) EXPECT_EQ(error_in(each, "0000", version), errc::packet_id_zero);
  }
}

TEST(acknowledgement, its_property_set_3_4_2_2) {
  for (const kind& each : kinds) {
    EXPECT_EQ(error_in(each, "0001 00 05 11 00000001"), errc::property_not_allowed);
    EXPECT_EQ(error_in(each, "0001 00 08 1f 0001 'r' 1f 0001 'r'"), errc::property_repeated);
  }
}

TEST(acknowledgement, truncated_and_trailing) {
  for (const kind& each : kinds) {
    EXPECT_EQ(error_in(each, ""), errc::truncated);
    for (const version old : {version::v3_1, version::v3_1_1}) {
      EXPECT_EQ(error_in(each, "00", old), errc::truncated);
      EXPECT_EQ(error_in(each, "0001 00", old), errc::trailing_bytes);
    }
    EXPECT_EQ(error_in(each, "0001 00 00 00"), errc::trailing_bytes);
    EXPECT_EQ(error_in(each, "0001 00 02 1f"), errc::property_length_malformed);
  }
}

}  // namespace
}  // namespace headgate::mqtt
