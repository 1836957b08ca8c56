#include "mqtt/connect.hpp"

#include "mqtt/properties.hpp"
#include "tests/unit/mqtt/packets.hpp"

namespace headgate::mqtt {
namespace {

std::optional<errc> error_in(std::string_view body) {
  return error_of(decode_connect(owned_frame(0x10, body)));
}

std::string v3(std::string_view flags, std::string_view payload) {
  return "0004 'MQTT' 04 " + std::string(flags) + " 003c " + std::string(payload);
}
std::string v3_1(std::string_view flags, std::string_view payload) {
  return "0006 'MQIsdp' 03 " + std::string(flags) + " 003c " + std::string(payload);
}
std::string v5(std::string_view flags, std::string_view properties, std::string_view payload) {
  return "0004 'MQTT' 05 " + std::string(flags) + " 003c " + std::string(properties) + " " + std::string(payload);
}

TEST(connect, a_whole_3_1_1_packet) {
  const owned_frame packet(0x10, v3("ee", "0002 'id' 0001 't' 0002 00ff 0001 'u' 0002 ff00"));
  const auto decoded = decode_connect(packet);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->version, version::v3_1_1);
  EXPECT_TRUE(decoded->clean_start);
  EXPECT_EQ(decoded->keep_alive_s, 60);
  EXPECT_EQ(decoded->client_id, "id");
  ASSERT_TRUE(decoded->will);
  EXPECT_EQ(decoded->will->topic, "t");
  EXPECT_EQ(decoded->will->qos, qos::at_least_once);
  EXPECT_TRUE(decoded->will->retain);
  EXPECT_TRUE(equal(decoded->will->payload, hex("00ff")));
  EXPECT_EQ(decoded->user_name, "u");
  EXPECT_TRUE(equal(*decoded->password, hex("ff00")));
  EXPECT_EQ(decoded->session_expiry_interval_s, 0U);
  EXPECT_EQ(decoded->receive_maximum, 65'535);
}

TEST(connect, a_3_1_1_session_without_clean_session_never_expires) {
  const owned_frame packet(0x10, v3("00", "0002 'id'"));
  const auto decoded = decode_connect(packet);
  ASSERT_TRUE(decoded);
  EXPECT_FALSE(decoded->clean_start);
  EXPECT_EQ(decoded->session_expiry_interval_s, 0xffff'ffffU);
}

TEST(connect, a_whole_v5_packet) {
  const owned_frame packet(
      0x10,
      v5("d6", "[11 00000e10 21 000a 27 00001000 22 0005 17 00 19 01 15 0001 'm' 16 0002 00ff 26 0001 'n' 0001 'v']",
         "0000 [18 00000007 01 01] 0003 'w/t' 0000 0001 'u' 0001 'p'"));
  const auto decoded = decode_connect(packet);
  ASSERT_TRUE(decoded) << explain(decoded.error());
  EXPECT_EQ(decoded->version, version::v5);
  EXPECT_EQ(decoded->client_id, "");
  EXPECT_EQ(decoded->session_expiry_interval_s, 3600U);
  EXPECT_EQ(decoded->receive_maximum, 10);
  EXPECT_EQ(decoded->maximum_packet_size, 4096U);
  EXPECT_EQ(decoded->topic_alias_maximum, 5);
  EXPECT_FALSE(decoded->request_problem_information);
  EXPECT_TRUE(decoded->request_response_information);
  EXPECT_EQ(decoded->authentication_method, "m");
  EXPECT_EQ(decoded->will->delay_interval_s, 7U);
  EXPECT_TRUE(equal(decoded->will->properties, hex("18 00000007 01 01")));
  EXPECT_EQ(decoded->will->topic, "w/t");
  EXPECT_EQ(decoded->user_name, "u");
  EXPECT_TRUE(equal(*decoded->password, hex("'p'")));
}

TEST(connect, MQTT_3_1_2_1_protocol_name) {
  EXPECT_EQ(error_in("0006 'MQIsdq' 03 02 003c 0000"), errc::protocol_name_unknown);
  EXPECT_EQ(error_in("0004 'mqtt' 04 02 003c 0000"), errc::protocol_name_unknown);
  EXPECT_EQ(error_in("0000 04 02 003c 0000"), errc::protocol_name_unknown);
}

TEST(connect, MQTT_3_1_2_2_protocol_version) {
  for (const auto* level : {"00", "03", "06", "83", "85", "ff"}) {
    EXPECT_EQ(error_in("0004 'MQTT' " + std::string(level) + " 02 003c 0000"), errc::protocol_version_unsupported);
  }
  for (const auto* level : {"00", "02", "04", "05", "84", "ff"}) {
    EXPECT_EQ(error_in("0006 'MQIsdp' " + std::string(level) + " 02 003c 0000"), errc::protocol_version_unsupported);
  }
  // A version from the future may have any fields after it.
  EXPECT_EQ(error_in("0004 'MQTT' 06"), errc::protocol_version_unsupported);
}

TEST(connect, MQTT_3_1_2_3_reserved_flag) {
  EXPECT_EQ(error_in(v3("03", "0000")), errc::connect_flags_reserved);
  EXPECT_EQ(error_in(v5("03", "00", "0000")), errc::connect_flags_reserved);
}

TEST(connect, MQTT_3_1_2_11_and_13_will_flags_without_will) {
  for (const auto* flags : {"0a", "12", "22", "2a"}) {
    EXPECT_EQ(error_in(v3(flags, "0000")), errc::will_flags_without_will) << flags;
    EXPECT_EQ(error_in(v5(flags, "00", "0000")), errc::will_flags_without_will) << flags;
    EXPECT_EQ(reason_of(errc::will_flags_without_will), reason_code::malformed_packet);
  }
}

TEST(connect, MQTT_3_1_2_12_will_qos_3) {
  EXPECT_EQ(error_in(v3("1e", "0000 0001 't' 0000")), errc::will_qos_invalid);
  EXPECT_EQ(error_in(v5("1e", "00", "0000 00 0001 't' 0000")), errc::will_qos_invalid);
}

TEST(connect, MQTT_3_1_2_22_password_without_user_name_in_mqtt_5_only) {
  EXPECT_EQ(error_in(v3("42", "0000 0001 'p'")), errc::password_without_user_name);
  EXPECT_EQ(error_in(v3_1("42", "0001 'i' 0001 'p'")), errc::password_without_user_name);
  const owned_frame packet(0x10, v5("42", "00", "0000 0001 'p'"));
  const auto decoded = decode_connect(packet);
  ASSERT_TRUE(decoded);
  EXPECT_FALSE(decoded->user_name);
  EXPECT_TRUE(decoded->password);
}

TEST(connect, MQTT_3_1_3_8_empty_client_id_needs_clean_session_in_3_1_1_only) {
  EXPECT_EQ(error_in(v3("00", "0000")), errc::client_id_empty_without_clean_session);
  EXPECT_EQ(error_in(v3("02", "0000")), std::nullopt);
  EXPECT_EQ(error_in(v5("00", "00", "0000")), std::nullopt);
}

TEST(connect, MQTT_1_5_4_its_strings_are_utf8) {
  EXPECT_EQ(error_in(v3("02", "0001 ff")), errc::string_not_utf8);
  EXPECT_EQ(error_in(v3("02", "0001 00")), errc::string_has_nul);
  EXPECT_EQ(error_in(v3("06", "0000 0001 ff 0000")), errc::string_not_utf8);
  EXPECT_EQ(error_in(v3("82", "0000 0001 ff")), errc::string_not_utf8);
  EXPECT_EQ(error_in(v3("c2", "0000 0001 'u' 0001 ff")), std::nullopt);  // a password is binary
}

TEST(connect, will_topic_is_a_topic_name) {
  EXPECT_EQ(error_in(v3("06", "0000 0000 0000")), errc::topic_empty);
  EXPECT_EQ(error_in(v3("06", "0000 0003 'a/+' 0000")), errc::topic_has_wildcard);
  EXPECT_EQ(error_in(v5("06", "00", "0000 00 0001 '#' 0000")), errc::topic_has_wildcard);
}

TEST(connect, its_property_set_3_1_2_11) {
  EXPECT_EQ(error_in(v5("02", "02 24 01", "0000")), errc::property_not_allowed);
  EXPECT_EQ(error_in(v5("02", "05 18 00000001", "0000")), errc::property_not_allowed);  // of the will
  EXPECT_EQ(error_in(v5("02", "06 21 0001 21 0001", "0000")), errc::property_repeated);
  EXPECT_EQ(error_in(v5("02", "03 21 0000", "0000")), errc::property_value_invalid);
  EXPECT_EQ(error_in(v5("02", "05 27 00000000", "0000")), errc::property_value_invalid);
  EXPECT_EQ(error_in(v5("02", "02 17 02", "0000")), errc::property_value_invalid);
  EXPECT_EQ(error_in(v5("02", "02 19 02", "0000")), errc::property_value_invalid);
}

TEST(connect, the_wills_property_set_3_1_3_2) {
  EXPECT_EQ(error_in(v5("06", "00", "0000 05 11 00000001 0001 't' 0000")), errc::property_not_allowed);
  EXPECT_EQ(error_in(v5("06", "00", "0000 03 23 0001 0001 't' 0000")), errc::property_not_allowed);
  EXPECT_EQ(error_in(v5("06", "00", "0000 02 01 02 0001 't' 0000")), errc::property_value_invalid);
  EXPECT_EQ(error_in(v5("06", "00", "0000 05 18 00000001 0001 't' 0000")), std::nullopt);
}

TEST(connect, authentication_data_needs_a_method_3_1_2_11_10) {
  EXPECT_EQ(error_in(v5("02", "04 16 0001 00", "0000")), errc::authentication_data_without_method);
  EXPECT_EQ(error_in(v5("02", "08 16 0001 00 15 0001 'm'", "0000")), std::nullopt);
}

TEST(connect, trailing_bytes) {
  EXPECT_EQ(error_in(v3("02", "0000 00")), errc::trailing_bytes);
  EXPECT_EQ(error_in(v5("02", "00", "0000 00")), errc::trailing_bytes);
}

TEST(connect, truncated) {
  for (const auto* body : {"", "00", "0004 'MQT'", "0004 'MQTT'", "0004 'MQTT' 04", "0004 'MQTT' 04 02 00"}) {
    EXPECT_EQ(error_in(body), errc::truncated) << body;
  }
  EXPECT_EQ(error_in(v3("02", "0002 'i'")), errc::truncated);
  EXPECT_EQ(error_in(v3("c2", "0000 0001 'u'")), errc::truncated);
}

TEST(connect, the_refusal_of_a_broken_one_goes_out_in_its_version) {
  const auto version_of = [](std::string_view body) { return version_of_broken_connect(owned_frame(0x10, body)); };
  EXPECT_EQ(version_of("0004 'MQTT' 05"), version::v5);
  EXPECT_EQ(version_of("0004 'MQTT' 06"), version::v5);
  for (const auto* body : {"", "0004 'MQTT'", "0004 'MQTT' 04", "0004 'MQTT' 03", "0004 'MQTT' 84", "0004 'HTTP' 09"}) {
    EXPECT_EQ(version_of(body), version::v3_1_1) << body;
  }
  for (const auto* body : {"0006 'MQIsdp'", "0006 'MQIsdp' 03", "0006 'MQIsdp' 83", "0006 'MQIsdp' 05"}) {
    EXPECT_EQ(version_of(body), version::v3_1) << body;
  }
}

TEST(connect, golden_bytes) {
  connect packet{.version = version::v3_1_1, .clean_start = true, .keep_alive_s = 60, .client_id = "id"};
  EXPECT_EQ(encoded(packet), hex("10 0e 0004 'MQTT' 04 02 003c 0002 'id'"));
  packet.version = version::v5;
  packet.receive_maximum = 10;
  EXPECT_EQ(encoded(packet), hex("10 12 0004 'MQTT' 05 02 003c 03 21 000a 0002 'id'"));
}

TEST(connect, round_trip) {
  const buffer password = hex("00ff");
  for (const version version : every_version) {
    connect packet{.version = version,
                   .clean_start = true,
                   .keep_alive_s = 7,
                   .client_id = "client",
                   .will = will_view{.qos = qos::exactly_once, .retain = true, .topic = "w", .payload = password},
                   .user_name = "user",
                   .password = bytes(password)};
    if (version == version::v5) {
      packet.session_expiry_interval_s = 9;
      packet.receive_maximum = 8;
      packet.maximum_packet_size = 1000;
      packet.topic_alias_maximum = 3;
      packet.request_problem_information = false;
      packet.request_response_information = true;
      packet.authentication_method = "m";
    }
    const buffer data = encoded(packet);
    const auto decoded = decode_connect(frame_of(data));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->version, version);
    EXPECT_EQ(decoded->client_id, packet.client_id);
    EXPECT_EQ(decoded->user_name, packet.user_name);
    EXPECT_TRUE(equal(*decoded->password, password));
    ASSERT_TRUE(decoded->will);
    EXPECT_EQ(decoded->will->qos, qos::exactly_once);
    EXPECT_TRUE(decoded->will->retain);
    EXPECT_EQ(decoded->will->topic, "w");
    EXPECT_TRUE(equal(decoded->will->payload, password));
    EXPECT_EQ(decoded->session_expiry_interval_s, packet.session_expiry_interval_s);
    EXPECT_EQ(decoded->receive_maximum, packet.receive_maximum);
    EXPECT_EQ(decoded->maximum_packet_size, packet.maximum_packet_size);
    EXPECT_EQ(decoded->topic_alias_maximum, packet.topic_alias_maximum);
    EXPECT_EQ(decoded->request_problem_information, packet.request_problem_information);
    EXPECT_EQ(decoded->request_response_information, packet.request_response_information);
    EXPECT_EQ(decoded->authentication_method, packet.authentication_method);
    EXPECT_EQ(encoded(*decoded), data);
  }
}

}  // namespace
}  // namespace headgate::mqtt
