#include "mqtt/connect.hpp"
#include "tests/unit/mqtt/packets.hpp"

// What MQTT 3.1 has of its own in CONNECT, and mosquitto's mark of a bridge.
namespace headgate::mqtt {
namespace {

std::string v3_1(std::string_view flags, std::string_view payload) {
  return "0006 'MQIsdp' 03 " + std::string(flags) + " 003c " + std::string(payload);
}

std::optional<errc> error_in(std::string_view body) {
  return error_of(decode_connect(owned_frame(0x10, body)));
}

TEST(connect_3_1, a_whole_packet) {
  const owned_frame packet(0x10, v3_1("ec", "0002 'id' 0001 't' 0002 00ff 0001 'u' 0002 ff00"));
  const auto decoded = decode_connect(packet);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->version, version::v3_1);
  EXPECT_FALSE(decoded->bridge);
  EXPECT_FALSE(decoded->clean_start);
  EXPECT_EQ(decoded->session_expiry_interval_s, 0xffff'ffffU);
  EXPECT_EQ(decoded->keep_alive_s, 60);
  EXPECT_EQ(decoded->client_id, "id");
  ASSERT_TRUE(decoded->will);
  EXPECT_EQ(decoded->will->topic, "t");
  EXPECT_EQ(decoded->user_name, "u");
  EXPECT_TRUE(equal(*decoded->password, hex("ff00")));
}

TEST(connect_3_1, an_empty_client_id_is_refused_and_a_long_one_taken) {
  EXPECT_EQ(error_in(v3_1("02", "0000")), errc::client_id_empty);
  EXPECT_EQ(error_in(v3_1("00", "0000")), errc::client_id_empty);
  EXPECT_EQ(connect_return_code(reason_of(errc::client_id_empty)), 2);
  EXPECT_EQ(error_in(v3_1("02", "0018 '123456789012345678901234'")), std::nullopt);
}

TEST(connect_3_1, the_credentials_may_be_missing_though_their_flags_are_set) {
  for (const auto* payload : {"0001 'i'", "0001 'i' 0001 'u'", "0001 'i' 0001 'u' 0001 'p'"}) {
    const owned_frame packet(0x10, v3_1("c2", payload));
    const auto decoded = decode_connect(packet);
    ASSERT_TRUE(decoded) << payload;
    EXPECT_EQ(decoded->user_name.has_value(), std::string_view(payload).find('u') != std::string_view::npos);
    EXPECT_EQ(decoded->password.has_value(), std::string_view(payload).find('p') != std::string_view::npos);
  }
  EXPECT_EQ(error_in(v3_1("c2", "0001 'i' 00")), errc::truncated);
  EXPECT_EQ(error_in("0004 'MQTT' 04 c2 003c 0001 'i'"), errc::truncated);
}

TEST(connect_3_1, flags_that_it_disregards) {
  for (const auto* flags : {"03", "0a", "1a", "22", "3b"}) EXPECT_EQ(error_in(v3_1(flags, "0001 'i'")), std::nullopt);
  EXPECT_EQ(error_in(v3_1("1e", "0001 'i' 0001 't' 0000")), errc::will_qos_invalid);
}

TEST(connect_3_1, the_high_bit_of_the_level_marks_a_bridge) {
  for (const auto* body : {"0006 'MQIsdp' 83 02 003c 0001 'i'", "0004 'MQTT' 84 02 003c 0001 'i'"}) {
    const owned_frame packet(0x10, body);
    const auto decoded = decode_connect(packet);
    ASSERT_TRUE(decoded) << body;
    EXPECT_TRUE(decoded->bridge);
    EXPECT_EQ(decoded->client_id, "i");
    const buffer data = encoded(*decoded);
    EXPECT_TRUE(equal(frame_of(data).body, hex(body)));
  }
  EXPECT_FALSE(decode_connect(owned_frame(0x10, "0004 'MQTT' 04 02 003c 0001 'i'"))->bridge);
}

TEST(connect_3_1, golden_bytes) {
  const connect packet{.version = version::v3_1, .clean_start = true, .keep_alive_s = 60, .client_id = "id"};
  EXPECT_EQ(encoded(packet), hex("10 [0006 'MQIsdp' 03 02 003c 0002 'id']"));
}

}  // namespace
}  // namespace headgate::mqtt
