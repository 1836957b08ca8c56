#include "mqtt/disconnect.hpp"

#include "mqtt/ping.hpp"
#include "tests/unit/mqtt/packets.hpp"

namespace headgate::mqtt {
namespace {

std::optional<errc> error_in(std::string_view body, version version = version::v5, sender sender = sender::client) {
  return error_of(decode_disconnect(owned_frame(0xe0, body), version, sender));
}

TEST(disconnect, short_forms_3_14_2_1) {
  EXPECT_EQ(error_in("", version::v3_1_1), std::nullopt);
  const owned_frame empty(0xe0, "");
  EXPECT_EQ(decode_disconnect(empty, version::v5)->reason, reason_code::success);
  const owned_frame with_reason(0xe0, "04");
  EXPECT_EQ(decode_disconnect(with_reason, version::v5)->reason, reason_code::disconnect_with_will);
}

TEST(disconnect, a_whole_packet) {
  const owned_frame packet(0xe0, "04 10 11 0000000a 1f 0001 'r' 26 0001 'n' 0001 'v'");
  EXPECT_EQ(error_of(decode_disconnect(packet, version::v5)), std::nullopt);
  EXPECT_EQ(decode_disconnect(packet, version::v5)->session_expiry_interval_s, 10U);
  EXPECT_EQ(decode_disconnect(packet, version::v5)->reason_string, "r");
}

TEST(disconnect, MQTT_3_14_2_1_reason_codes_of_each_sender) {
  const buffer client = hex("00 04 80 81 82 83 90 93 94 95 96 97 98 99");
  const buffer server = hex("00 80 81 82 83 87 89 8b 8c 8d 8e 8f 90 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2");
  for (unsigned code = 0; code < 0x100; ++code) {
    const buffer body{static_cast<std::uint8_t>(code)};
    const owned_frame packet(0xe0, body);
    EXPECT_EQ(static_cast<bool>(decode_disconnect(packet, version::v5)),
              std::ranges::find(client, code) != client.end())
        << code;
    EXPECT_EQ(static_cast<bool>(decode_disconnect(packet, version::v5, sender::server)),
              std::ranges::find(server, code) != server.end())
        << code;
  }
  EXPECT_EQ(error_in("8b"), errc::reason_code_invalid);
}

TEST(disconnect, MQTT_3_14_2_2_session_expiry_comes_from_clients_only) {
  EXPECT_EQ(error_in("00 05 11 0000000a", version::v5, sender::server), errc::property_not_allowed);
  EXPECT_EQ(error_in("9c 04 1c 0001 's'", version::v5, sender::server), std::nullopt);
  EXPECT_EQ(error_in("00 04 1c 0001 's'"), errc::property_not_allowed);
}

TEST(disconnect, truncated_and_trailing) {
  EXPECT_EQ(error_in("00", version::v3_1_1), errc::trailing_bytes);
  EXPECT_EQ(error_in("00 00 00"), errc::trailing_bytes);
  EXPECT_EQ(error_in("00 01"), errc::property_length_malformed);
  EXPECT_EQ(error_in("00 01 11"), errc::truncated);
  EXPECT_EQ(error_in("00 0a 11 0000000a 11 0000000a"), errc::property_repeated);
}

TEST(disconnect, golden_bytes) {
  EXPECT_EQ(encoded(disconnect{}, version::v3_1_1), hex("e0 00"));
  EXPECT_EQ(encoded(disconnect{}, version::v5), hex("e0 00"));
  const disconnect packet{.reason = reason_code::server_shutting_down};
  EXPECT_EQ(encoded(packet, version::v5), hex("e0 01 8b"));
  EXPECT_EQ(encoded(packet, version::v3_1_1), hex("e0 00"));
  EXPECT_EQ(encoded(disconnect{.reason = reason_code::malformed_packet, .reason_string = "why"}, version::v5),
            hex("e0 08 81 06 1f 0003 'why'"));
}

TEST(disconnect, round_trip) {
  const disconnect packet{.reason = reason_code::success, .session_expiry_interval_s = 0, .reason_string = "bye"};
  const buffer data = encoded(packet, version::v5);
  const auto decoded = decode_disconnect(frame_of(data), version::v5);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->reason, packet.reason);
  EXPECT_EQ(decoded->session_expiry_interval_s, 0U);
  EXPECT_EQ(decoded->reason_string, "bye");
}

TEST(ping, golden_bytes) {
  EXPECT_EQ(frame_of(pingreq).type, packet_type::pingreq);
  EXPECT_EQ(frame_of(pingresp).type, packet_type::pingresp);
}

TEST(disconnect, a_server_may_name_another) {
  const disconnect packet{.reason = reason_code::use_another_server, .server_reference = "other"};
  const buffer data = encoded(packet, version::v5);
  EXPECT_EQ(data, hex("e0 [9c [1c 0005 'other']]"));
  const auto decoded = decode_disconnect(frame_of(data), version::v5, sender::server);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->server_reference, "other");
  EXPECT_EQ(error_in("00 [1c 0001 's']"), errc::property_not_allowed);
  EXPECT_EQ(encoded(packet, version::v3_1), hex("e0 00"));
}

}  // namespace
}  // namespace headgate::mqtt
