#include "mqtt/puback.hpp"

#include "tests/unit/mqtt/packets.hpp"

namespace headgate::mqtt {
namespace {

std::optional<errc> error_in(std::string_view body, version version = version::v5) {
  return error_of(decode_puback(owned_frame(0x40, body), version));
}

buffer encoded_puback(const puback& packet, version version) {
  buffer out(max_puback_size);
  out.resize(static_cast<std::size_t>(encode(packet, version, out.data()) - out.data()));
  return out;
}

TEST(puback, golden_bytes) {
  EXPECT_EQ(encoded_puback({.packet_id = 0x0102}, version::v3_1_1), hex("40 02 0102"));
  EXPECT_EQ(encoded_puback({.packet_id = 0x0102}, version::v5), hex("40 02 0102"));
  const puback refused{.packet_id = 0x0102, .reason = reason_code::quota_exceeded};
  EXPECT_EQ(encoded_puback(refused, version::v3_1_1), hex("40 02 0102"));
  EXPECT_EQ(encoded_puback(refused, version::v5), hex("40 03 0102 97"));
}

TEST(puback, short_forms_3_4_2_1_and_3_4_2_2_1) {
  for (const auto* body : {"0102", "0102 10", "0102 10 00", "0102 10 0b 1f 0001 'r' 26 0001 'n' 0001 'v'"}) {
    const owned_frame packet(0x40, body);
    const auto decoded = decode_puback(packet, version::v5);
    ASSERT_TRUE(decoded) << body;
    EXPECT_EQ(decoded->packet_id, 0x0102);
    EXPECT_EQ(decoded->reason, packet.operator const frame&().body.size() == 2 ? reason_code::success
                                                                               : reason_code::no_matching_subscribers);
  }
}

TEST(puback, MQTT_3_4_2_1_reason_codes) {
  const buffer allowed = hex("00 10 80 83 87 90 91 97 99");
  for (unsigned code = 0; code < 0x100; ++code) {
    const buffer body{0, 1, static_cast<std::uint8_t>(code)};
    const auto decoded = decode_puback(owned_frame(0x40, body), version::v5);
    const bool good = std::ranges::find(allowed, code) != allowed.end();
    EXPECT_EQ(error_of(decoded), good ? std::nullopt : std::optional(errc::reason_code_invalid)) << code;
    if (good) {
      EXPECT_EQ(encoded_puback(*decoded, version::v5).size(), code == 0 ? 4U : 5U);
    }
  }
}

TEST(puback, MQTT_2_2_1_packet_id_zero) {
  for (const version version : every_version) EXPECT_EQ(error_in("0000", version), errc::packet_id_zero);
}

TEST(puback, its_property_set_3_4_2_2) {
  EXPECT_EQ(error_in("0001 00 05 11 00000001"), errc::property_not_allowed);
  EXPECT_EQ(error_in("0001 00 08 1f 0001 'r' 1f 0001 'r'"), errc::property_repeated);
}

TEST(puback, truncated_and_trailing) {
  EXPECT_EQ(error_in(""), errc::truncated);
  EXPECT_EQ(error_in("00", version::v3_1_1), errc::truncated);
  EXPECT_EQ(error_in("0001 00", version::v3_1_1), errc::trailing_bytes);
  EXPECT_EQ(error_in("0001 00 00 00"), errc::trailing_bytes);
  EXPECT_EQ(error_in("0001 00 02 1f"), errc::property_length_malformed);
}

}  // namespace
}  // namespace headgate::mqtt
