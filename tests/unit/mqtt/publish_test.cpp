#include "mqtt/publish.hpp"

#include "tests/unit/mqtt/packets.hpp"

namespace headgate::mqtt {
namespace {

std::optional<errc> error_in(std::uint8_t first_byte, std::string_view body, version version = version::v5,
                             sender sender = sender::client) {
  return error_of(decode_publish(owned_frame(first_byte, body), version, sender));
}

TEST(publish, a_3_1_1_packet) {
  const owned_frame packet(0x3b, "0003 'a/b' 0102 'payload'");
  const auto decoded = decode_publish(packet, version::v3_1_1);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->qos, qos::at_least_once);
  EXPECT_TRUE(decoded->dup);
  EXPECT_TRUE(decoded->retain);
  EXPECT_EQ(decoded->packet_id, 0x0102);
  EXPECT_EQ(decoded->topic, "a/b");
  EXPECT_EQ(base::as_text(decoded->payload), "payload");
  EXPECT_TRUE(decoded->properties.empty());
  EXPECT_EQ(decoded->message_expiry_interval_s, no_expiry);
}

TEST(publish, a_v5_packet) {
  const owned_frame packet(0x34, "0003 'a/b' 0102 0f 01 01 02 0000000a 03 0001 'c' 09 0001 00 'payload'");
  const auto decoded = decode_publish(packet, version::v5);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->qos, qos::exactly_once);
  EXPECT_FALSE(decoded->dup);
  EXPECT_FALSE(decoded->retain);
  EXPECT_TRUE(equal(decoded->properties, hex("01 01 02 0000000a 03 0001 'c' 09 0001 00")));
  EXPECT_EQ(decoded->message_expiry_interval_s, 10U);
  EXPECT_EQ(decoded->topic_alias, 0);
  EXPECT_TRUE(decoded->properties_need_filter);
  EXPECT_EQ(base::as_text(decoded->payload), "payload");
}

TEST(publish, an_empty_payload_is_a_payload) {
  EXPECT_EQ(error_in(0x30, "0001 'a'", version::v3_1_1), std::nullopt);
  EXPECT_EQ(error_in(0x31, "0001 'a' 00"), std::nullopt);
}

TEST(publish, MQTT_3_3_1_4_qos_3) {
  for (const version version : every_version) {
    EXPECT_EQ(error_in(0x36, "0001 'a' 0001 00", version), errc::qos_invalid);
    EXPECT_EQ(error_in(0x3f, "0001 'a' 0001 00", version), errc::qos_invalid);
  }
}

TEST(publish, MQTT_3_3_1_2_dup_with_qos_0) {
  for (const version version : every_version) EXPECT_EQ(error_in(0x38, "0001 'a' 00", version), errc::dup_with_qos_0);
  EXPECT_EQ(error_in(0x3a, "0001 'a' 0001 00"), std::nullopt);
}

TEST(publish, MQTT_2_2_1_3_packet_id_zero) {
  for (const version version : every_version) {
    EXPECT_EQ(error_in(0x32, "0001 'a' 0000 00", version), errc::packet_id_zero);
    EXPECT_EQ(error_in(0x34, "0001 'a' 0000 00", version), errc::packet_id_zero);
  }
}

TEST(publish, MQTT_4_7_3_1_an_empty_topic_needs_an_alias) {
  EXPECT_EQ(error_in(0x30, "0000", version::v3_1_1), errc::topic_empty);
  EXPECT_EQ(error_in(0x30, "0000 00"), errc::topic_empty);
  const owned_frame packet(0x30, "0000 03 23 0007");
  const auto decoded = decode_publish(packet, version::v5);
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->topic.empty());
  EXPECT_EQ(decoded->topic_alias, 7);
  EXPECT_TRUE(decoded->properties_need_filter);
}

TEST(publish, MQTT_3_3_2_8_topic_alias_zero) {
  EXPECT_EQ(error_in(0x30, "0001 'a' 03 23 0000"), errc::topic_alias_zero);
}

TEST(publish, MQTT_3_3_2_2_wildcards) {
  for (const version version : every_version) {
    EXPECT_EQ(error_in(0x30, "0003 'a/+' 00", version), errc::topic_has_wildcard);
    EXPECT_EQ(error_in(0x30, "0003 'a/#' 00", version), errc::topic_has_wildcard);
    EXPECT_EQ(error_in(0x30, "0003 'a#b' 00", version), errc::topic_has_wildcard);
  }
}

TEST(publish, MQTT_1_5_4_topic_text) {
  EXPECT_EQ(error_in(0x30, "0003 'a' eda0 00"), errc::string_not_utf8);
  EXPECT_EQ(error_in(0x30, "0003 'a' 00 'b' 00"), errc::string_has_nul);
}

TEST(publish, too_many_levels) {
  buffer body = hex("00c8");
  body.insert(body.end(), 200, '/');
  EXPECT_EQ(error_of(decode_publish(owned_frame(0x30, body), version::v3_1_1)), errc::topic_too_many_levels);
}

TEST(publish, MQTT_3_3_4_6_subscription_identifier_comes_from_servers_only) {
  EXPECT_EQ(error_in(0x30, "0001 'a' 02 0b 01"), errc::subscription_identifier_from_client);
  EXPECT_EQ(error_in(0x30, "0001 'a' 04 0b 01 0b 02", version::v5, sender::server), std::nullopt);
  EXPECT_EQ(error_in(0x30, "0001 'a' 02 0b 00", version::v5, sender::server), errc::property_value_invalid);
}

TEST(publish, its_property_set_3_3_2_3) {
  EXPECT_EQ(error_in(0x30, "0001 'a' 05 11 00000001"), errc::property_not_allowed);
  EXPECT_EQ(error_in(0x30, "0001 'a' 02 01 02"), errc::property_value_invalid);
  EXPECT_EQ(error_in(0x30, "0001 'a' 06 23 0001 23 0001"), errc::property_repeated);
  EXPECT_EQ(error_in(0x30, "0001 'a' 02 7e 00"), errc::property_unknown);
}

TEST(publish, truncated) {
  for (const auto* body : {"", "00", "0001", "0003 'ab'"}) {
    EXPECT_EQ(error_in(0x30, body, version::v3_1_1), errc::truncated) << body;
  }
  EXPECT_EQ(error_in(0x32, "0001 'a' 00", version::v3_1_1), errc::truncated);
  EXPECT_EQ(error_in(0x30, "0001 'a'"), errc::truncated);  // no Property Length
  EXPECT_EQ(error_in(0x30, "0001 'a' 05"), errc::property_length_malformed);
}

TEST(publish, properties_that_travel_unchanged_keep_their_order) {
  const buffer properties = hex(
      "26 0001 'x' 0001 '1' 02 00000005 01 01 23 0001 03 0001 't' 0b 8001 26 0001 'x' 0001 '2' 08 0001 'r' 09 0001 00");
  buffer out(properties.size());
  const std::uint8_t* const end = copy_forwarded_properties(properties, out.data());
  out.resize(static_cast<std::size_t>(end - out.data()));
  EXPECT_EQ(out, hex("26 0001 'x' 0001 '1' 01 01 03 0001 't' 26 0001 'x' 0001 '2' 08 0001 'r' 09 0001 00"));
}

TEST(publish, properties_without_the_hops_own_need_no_filter) {
  const owned_frame packet(0x30, "0001 'a' 09 01 00 26 0001 'n' 0001 'v'");
  EXPECT_FALSE(decode_publish(packet, version::v5)->properties_need_filter);
}

TEST(publish, golden_bytes) {
  publish_head head{.version = version::v3_1_1,
                    .qos = qos::at_least_once,
                    .dup = true,
                    .retain = true,
                    .packet_id = 0x0102,
                    .topic = "a/b",
                    .message_expiry_interval_s = 3,
                    .payload_size = 200};
  EXPECT_EQ(encoded(head), hex("3b cf01 0003 'a/b' 0102"));
  head.version = version::v5;
  EXPECT_EQ(encoded(head), hex("3b d501 0003 'a/b' 0102 05 02 00000003"));
  head.message_expiry_interval_s = no_expiry;
  const buffer properties = hex("01 01");
  head.properties = properties;
  head.qos = qos::at_most_once;
  head.dup = false;
  EXPECT_EQ(encoded(head), hex("31 d001 0003 'a/b' 02 01 01"));
}

TEST(publish, round_trip_of_every_kind) {
  const buffer properties = hex("03 0001 'c' 26 0001 'n' 0001 'v'");
  for (const version version : every_version) {
    for (const qos quality : {qos::at_most_once, qos::at_least_once, qos::exactly_once}) {
      for (const std::size_t payload_size : {0U, 100U, 200U, 20'000U, 3'000'000U}) {
        for (const std::uint32_t expiry : {no_expiry, 0U, 77U}) {
          const bool acknowledged = quality != qos::at_most_once;
          const publish_head head{.version = version,
                                  .qos = quality,
                                  .dup = acknowledged,
                                  .retain = expiry == 0,
                                  .packet_id = static_cast<std::uint16_t>(acknowledged ? 65'535 : 0),
                                  .topic = "a/topic",
                                  .properties = properties,
                                  .message_expiry_interval_s = expiry,
                                  .payload_size = payload_size};
          buffer data = encoded(head);
          data.insert(data.end(), payload_size, 'p');
          const auto decoded = decode_publish(frame_of(data), version, sender::server);
          ASSERT_TRUE(decoded);
          EXPECT_EQ(decoded->qos, head.qos);
          EXPECT_EQ(decoded->dup, head.dup);
          EXPECT_EQ(decoded->retain, head.retain);
          EXPECT_EQ(decoded->packet_id, head.packet_id);
          EXPECT_EQ(decoded->topic, head.topic);
          EXPECT_EQ(decoded->payload.size(), payload_size);
          EXPECT_EQ(decoded->message_expiry_interval_s, version == version::v5 ? expiry : no_expiry);
          EXPECT_EQ(decoded->properties_need_filter, version == version::v5 && expiry != no_expiry);
          buffer forwarded(decoded->properties.size());
          forwarded.resize(static_cast<std::size_t>(copy_forwarded_properties(decoded->properties, forwarded.data()) -
                                                    forwarded.data()));
          EXPECT_EQ(forwarded, version == version::v5 ? properties : buffer{});
        }
      }
    }
  }
}

TEST(publish, a_topic_alias_and_subscription_identifiers_for_clients) {
  const std::uint32_t identifiers[] = {1, 300, 268'435'455};
  const buffer properties = hex("01 01");
  publish_head head{.qos = qos::at_least_once,
                    .packet_id = 0x0102,
                    .topic = "a",
                    .properties = properties,
                    .message_expiry_interval_s = 3,
                    .topic_alias = 7,
                    .subscription_identifiers = identifiers};
  EXPECT_EQ(encoded(head), hex("32 [0001 'a' 0102 [02 00000003 23 0007 0b 01 0b ac02 0b ffffff7f 01 01]]"));
  head.topic = {};
  const buffer data = encoded(head);
  EXPECT_EQ(data, hex("32 [0000 0102 [02 00000003 23 0007 0b 01 0b ac02 0b ffffff7f 01 01]]"));
  const auto decoded = decode_publish(frame_of(data), version::v5, sender::server);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->topic, "");
  EXPECT_EQ(decoded->topic_alias, 7);
  EXPECT_TRUE(std::ranges::equal(subscription_identifiers_of(decoded->properties), identifiers));
  EXPECT_TRUE(decoded->properties_need_filter);
  EXPECT_EQ(forwarded_properties_size(decoded->properties), properties.size());
  head.topic = "a";
  for (const version old : {version::v3_1, version::v3_1_1}) {
    head.version = old;
    EXPECT_EQ(encoded(head), hex("32 [0001 'a' 0102]"));
  }
}

TEST(publish, without_subscription_identifiers_there_are_none) {
  EXPECT_TRUE(subscription_identifiers_of({}).empty());
  EXPECT_TRUE(subscription_identifiers_of(hex("01 01 26 0001 'n' 0001 'v'")).empty());
}

}  // namespace
}  // namespace headgate::mqtt
