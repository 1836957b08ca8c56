#include "mqtt/connack.hpp"

#include "tests/unit/mqtt/packets.hpp"

namespace headgate::mqtt {
namespace {

std::optional<errc> error_in(std::string_view body, version version = version::v5) {
  return error_of(decode_connack(owned_frame(0x20, body), version));
}

TEST(connack, golden_bytes) {
  EXPECT_EQ(encoded(connack{}, version::v3_1_1), hex("20 02 00 00"));
  EXPECT_EQ(encoded(connack{}, version::v5), hex("20 03 00 00 00"));
  const connack packet{.session_present = true,
                       .session_expiry_interval_s = 5,
                       .receive_maximum = 10,
                       .maximum_qos = qos::at_least_once,
                       .assigned_client_id = "id",
                       .shared_subscription_available = false,
                       .server_keep_alive_s = 30};
  EXPECT_EQ(encoded(packet, version::v3_1_1), hex("20 02 01 00"));
  EXPECT_EQ(encoded(packet, version::v5), hex("20 17 01 00 14 11 00000005 21 000a 24 01 12 0002 'id' 2a 00 13 001e"));
}

TEST(connack, MQTT_3_2_2_6_a_refusal_has_no_session) {
  const connack packet{.session_present = true, .reason = reason_code::not_authorized};
  EXPECT_EQ(encoded(packet, version::v5), hex("20 03 00 87 00"));
  EXPECT_EQ(encoded(packet, version::v3_1_1), hex("20 02 00 05"));
  EXPECT_EQ(error_in("01 87 00"), errc::session_present_with_failure);
  EXPECT_EQ(error_in("01 05", version::v3_1_1), errc::session_present_with_failure);
}

TEST(connack, MQTT_3_2_2_1_reserved_flags) {
  EXPECT_EQ(error_in("02 00 00"), errc::reserved_flags);
  EXPECT_EQ(error_in("80 00", version::v3_1_1), errc::reserved_flags);
}

TEST(connack, return_codes_of_3_1_1_become_reason_codes) {
  const reason_code expected[] = {reason_code::success,
                                  reason_code::unsupported_protocol_version,
                                  reason_code::client_identifier_not_valid,
                                  reason_code::server_unavailable,
                                  reason_code::bad_user_name_or_password,
                                  reason_code::not_authorized};
  for (std::uint8_t code = 0; code < 6; ++code) {
    const buffer body{0, code};
    const auto decoded = decode_connack(owned_frame(0x20, body), version::v3_1_1);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->reason, expected[code]);
    EXPECT_EQ(encoded(*decoded, version::v3_1_1), (buffer{0x20, 2, 0, code}));
  }
  EXPECT_EQ(error_in("00 06", version::v3_1_1), errc::reason_code_invalid);
}

TEST(connack, reason_codes_3_2_2_2) {
  const buffer allowed = hex("00 80 81 82 83 84 85 86 87 88 89 8a 8c 90 95 97 99 9a 9b 9c 9d 9f");
  for (unsigned code = 0; code < 0x100; ++code) {
    const buffer body{0, static_cast<std::uint8_t>(code), 0};
    const bool good = static_cast<bool>(decode_connack(owned_frame(0x20, body), version::v5));
    EXPECT_EQ(good, std::ranges::find(allowed, code) != allowed.end()) << code;
  }
}

TEST(connack, its_property_set_3_2_2_3) {
  EXPECT_EQ(error_in("00 00 05 02 00000001"), errc::property_not_allowed);
  EXPECT_EQ(error_in("00 00 03 21 0000"), errc::property_value_invalid);
  EXPECT_EQ(error_in("00 00 02 24 02"), errc::property_value_invalid);
  EXPECT_EQ(error_in("00 00 05 27 00000000"), errc::property_value_invalid);
  EXPECT_EQ(error_in("00 00 04 25 01 25 01"), errc::property_repeated);
  EXPECT_EQ(error_in("00 00 10 1a 0001 'r' 1c 0001 's' 15 0001 'm' 16 0001 00"), std::nullopt);
}

TEST(connack, truncated_and_trailing) {
  EXPECT_EQ(error_in("00"), errc::truncated);
  EXPECT_EQ(error_in("00 00"), errc::truncated);
  EXPECT_EQ(error_in("00 00 00 00"), errc::trailing_bytes);
  EXPECT_EQ(error_in("00 00 00", version::v3_1_1), errc::trailing_bytes);
}

TEST(connack, round_trip) {
  const connack packet{.session_present = true,
                       .session_expiry_interval_s = 0,
                       .receive_maximum = 1,
                       .maximum_qos = qos::at_most_once,
                       .retain_available = false,
                       .maximum_packet_size = 100'000,
                       .assigned_client_id = "assigned",
                       .topic_alias_maximum = 16,
                       .reason_string = "because",
                       .wildcard_subscription_available = false,
                       .subscription_identifier_available = false,
                       .shared_subscription_available = false,
                       .server_keep_alive_s = 0};
  const buffer data = encoded(packet, version::v5);
  const auto decoded = decode_connack(frame_of(data), version::v5);
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->session_present);
  EXPECT_EQ(decoded->session_expiry_interval_s, 0U);
  EXPECT_EQ(decoded->receive_maximum, 1);
  EXPECT_EQ(decoded->maximum_qos, qos::at_most_once);
  EXPECT_FALSE(decoded->retain_available);
  EXPECT_EQ(decoded->maximum_packet_size, 100'000U);
  EXPECT_EQ(decoded->assigned_client_id, "assigned");
  EXPECT_EQ(decoded->topic_alias_maximum, 16);
  EXPECT_EQ(decoded->reason_string, "because");
  EXPECT_FALSE(decoded->wildcard_subscription_available);
  EXPECT_FALSE(decoded->subscription_identifier_available);
  EXPECT_FALSE(decoded->shared_subscription_available);
  EXPECT_EQ(decoded->server_keep_alive_s, 0);
  EXPECT_EQ(encoded(*decoded, version::v5), data);
}

TEST(connack, in_3_1_the_byte_of_session_present_is_reserved) {
  EXPECT_EQ(encoded(connack{.session_present = true}, version::v3_1), hex("20 02 00 00"));
  const connack refused{.reason = reason_code::client_identifier_not_valid};
  EXPECT_EQ(encoded(refused, version::v3_1), hex("20 02 00 02"));
  EXPECT_EQ(decode_connack(owned_frame(0x20, "00 02"), version::v3_1)->reason,
            reason_code::client_identifier_not_valid);
}

TEST(connack, MQTT_3_2_2_19_and_20_one_that_is_too_large_can_be_sent_without_its_explanations) {
  const user_property properties[] = {{"n", "v"}, {"n", "w"}};
  connack packet{.reason = reason_code::use_another_server,
                 .reason_string = "why",
                 .server_reference = "other",
                 .user_properties = properties};
  EXPECT_EQ(encoded(packet, version::v5),
            hex("20 [00 9c [1f 0003 'why' 1c 0005 'other' 26 0001 'n' 0001 'v' 26 0001 'n' 0001 'w']]"));
  packet.reason_string = {};
  packet.user_properties = {};
  EXPECT_EQ(encoded(packet, version::v5), hex("20 [00 9c [1c 0005 'other']]"));
}

TEST(connack, round_trip_of_the_texts_and_the_authentication) {
  const buffer secret = hex("00ff");
  const connack packet{.response_information = "answers/me",
                       .server_reference = "other",
                       .authentication_method = "m",
                       .authentication_data = secret};
  const buffer data = encoded(packet, version::v5);
  EXPECT_EQ(data, hex("20 [00 00 [1a 000a 'answers/me' 1c 0005 'other' 15 0001 'm' 16 0002 00ff]]"));
  const auto decoded = decode_connack(frame_of(data), version::v5);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->response_information, "answers/me");
  EXPECT_EQ(decoded->server_reference, "other");
  EXPECT_EQ(decoded->authentication_method, "m");
  EXPECT_TRUE(equal(decoded->authentication_data, secret));
  EXPECT_EQ(encoded(*decoded, version::v5), data);
}

}  // namespace
}  // namespace headgate::mqtt
