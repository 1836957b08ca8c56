#include "mqtt/properties.hpp"

#include "tests/unit/mqtt/packets.hpp"

namespace headgate::mqtt {
namespace {

constexpr property_set every_property = ~property_set{0};

// Reads all properties of `text`, which begins at the Property Length; the error, if any.
std::optional<errc> read(std::string_view text, property_set allowed = every_property,
                         property_set repeatable = allow(property_id::user_property)) {
  buffer data = hex(text);
  data.shrink_to_fit();
  base::byte_cursor at(data);
  property_reader reader(at, allowed, repeatable);
  while (reader.next()) {
  }
  return reader.error();
}

TEST(properties, none) {
  EXPECT_EQ(read("00"), std::nullopt);
  EXPECT_EQ(read("00 ff"), std::nullopt);
}

TEST(properties, of_each_type) {
  const buffer data =
      hex("22 01 01 02 01020304 03 0002 'ct' 09 0003 00ff00 0b 8001 21 0102 26 0001 'n' 0001 'v' 22 0000 'zz'");
  base::byte_cursor at(data);
  property_reader reader(at, every_property);
  EXPECT_EQ(reader.all().size(), data.size() - 3);
  const auto expect_number = [&reader](property_id id, std::uint32_t number) {
    const auto next = reader.next();
    ASSERT_TRUE(next);
    EXPECT_EQ(next->id, id);
    EXPECT_EQ(next->number, number);
  };
  expect_number(property_id::payload_format_indicator, 1);
  expect_number(property_id::message_expiry_interval, 0x0102'0304);
  auto next = reader.next();
  ASSERT_TRUE(next);
  EXPECT_EQ(base::as_text(next->data), "ct");
  EXPECT_TRUE(equal(next->encoded, hex("03 0002 'ct'")));
  next = reader.next();
  ASSERT_TRUE(next);
  EXPECT_TRUE(equal(next->data, hex("00ff00")));
  expect_number(property_id::subscription_identifier, 128);
  expect_number(property_id::receive_maximum, 0x0102);
  next = reader.next();
  ASSERT_TRUE(next);
  EXPECT_EQ(base::as_text(next->data), "n");
  EXPECT_EQ(base::as_text(next->value), "v");
  EXPECT_TRUE(equal(next->encoded, hex("26 0001 'n' 0001 'v'")));
  expect_number(property_id::topic_alias_maximum, 0);
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.error());
  EXPECT_EQ(at.remaining(), 2U);
}

TEST(properties, a_missing_length_is_a_truncated_packet) {
  EXPECT_EQ(read(""), errc::truncated);
}

TEST(properties, MQTT_2_2_2_1_length_malformed_or_past_the_packet) {
  for (const auto* text : {"01", "05 0101", "80", "80 00", "ff ff ff ff 01", "ff ff ff 7f 00"}) {
    EXPECT_EQ(read(text), errc::property_length_malformed) << text;
  }
}

TEST(properties, MQTT_2_2_2_2_unknown_identifiers) {
  const buffer all = hex("0102030809 0b 111213 1516171819 1a 1c 1f 2122232425262728292a");
  for (unsigned id = 0; id < 0x100; ++id) {
    const bool known = std::ranges::find(all, id) != all.end();
    const buffer data{1, static_cast<std::uint8_t>(id)};
    base::byte_cursor at(data);
    property_reader reader(at, every_property);
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.error(), known ? errc::truncated : errc::property_unknown) << id;
  }
}

TEST(properties, not_of_this_packet) {
  EXPECT_EQ(read("02 0100", allow(property_id::user_property)), errc::property_not_allowed);
  EXPECT_EQ(read("02 0100", allow(property_id::payload_format_indicator)), std::nullopt);
}

TEST(properties, repeated_ones_are_refused_but_user_properties) {
  EXPECT_EQ(read("04 0100 0100"), errc::property_repeated);
  EXPECT_EQ(read("04 0b01 0b02"), errc::property_repeated);
  EXPECT_EQ(read("04 0b01 0b02", every_property, allow(property_id::subscription_identifier)), std::nullopt);
  EXPECT_EQ(read("0e 26 0001'a'0001'b' 26 0001'a'0001'b'"), std::nullopt);
}

TEST(properties, values_cut_short) {
  for (const auto* text : {"01 01", "02 21 00", "04 02 000000", "02 03 00", "04 03 0002 'a'", "05 26 0001 'a' 00",
                           "04 26 0001 'a'", "02 0b 80"}) {
    EXPECT_EQ(read(text), errc::truncated) << text;
  }
}

TEST(properties, zero_where_the_standard_forbids_it) {
  EXPECT_EQ(read("03 21 0000"), errc::property_value_invalid);      // Receive Maximum
  EXPECT_EQ(read("05 27 00000000"), errc::property_value_invalid);  // Maximum Packet Size
  EXPECT_EQ(read("02 0b 00"), errc::property_value_invalid);        // Subscription Identifier
  EXPECT_EQ(read("03 23 0000"), errc::topic_alias_zero);            // [MQTT-3.3.2-8]
  for (const auto* text : {"03 22 0000", "05 02 00000000", "05 11 00000000", "05 18 00000000", "03 13 0000"}) {
    EXPECT_EQ(read(text), std::nullopt) << text;
  }
}

TEST(properties, booleans_are_0_or_1) {
  for (const auto* id : {"01", "17", "19", "24", "25", "28", "29", "2a"}) {
    EXPECT_EQ(read("02 " + std::string(id) + "00"), std::nullopt) << id;
    EXPECT_EQ(read("02 " + std::string(id) + "01"), std::nullopt) << id;
    EXPECT_EQ(read("02 " + std::string(id) + "02"), errc::property_value_invalid) << id;
    EXPECT_EQ(read("02 " + std::string(id) + "ff"), errc::property_value_invalid) << id;
  }
}

TEST(properties, MQTT_1_5_4_their_strings_are_utf8_without_nul) {
  for (const auto* id : {"03", "08", "12", "15", "1a", "1c", "1f"}) {
    EXPECT_EQ(read("04 " + std::string(id) + "0001 ff"), errc::string_not_utf8) << id;
    EXPECT_EQ(read("04 " + std::string(id) + "0001 00"), errc::string_has_nul) << id;
  }
  EXPECT_EQ(read("07 26 0001 ff 0001 'v'"), errc::string_not_utf8);  // [MQTT-1.5.7-1]
  EXPECT_EQ(read("07 26 0001 'n' 0001 00"), errc::string_has_nul);
  EXPECT_EQ(read("05 26 0000 0000"), std::nullopt);
  EXPECT_EQ(read("05 09 0002 ff00"), std::nullopt);
  EXPECT_EQ(read("05 16 0002 ff00"), std::nullopt);
}

TEST(properties, MQTT_3_3_2_14_response_topic_has_no_wildcard_and_is_not_empty) {
  EXPECT_EQ(read("06 08 0003 'a/b'"), std::nullopt);
  EXPECT_EQ(read("06 08 0003 'a/+'"), errc::property_value_invalid);
  EXPECT_EQ(read("04 08 0001 '#'"), errc::property_value_invalid);
  EXPECT_EQ(read("03 08 0000"), errc::property_value_invalid);
}

TEST(properties, MQTT_1_5_5_1_variable_byte_integers_are_as_short_as_can_be) {
  EXPECT_EQ(read("05 0b ffffff7f"), std::nullopt);
  EXPECT_EQ(read("06 0b ffffffff01"), errc::property_number_malformed);
  EXPECT_EQ(read("03 0b 8100"), errc::property_number_malformed);
}

TEST(properties, reading_stops_at_the_first_error) {
  const buffer data = hex("06 0102 02 00000001");
  base::byte_cursor at(data);
  property_reader reader(at, every_property);
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.error(), errc::property_value_invalid);
}

TEST(properties, written_ones_are_what_the_standard_says) {
  buffer out(32);
  std::uint8_t* end = out.data();
  end = write_property(end, property_id::maximum_qos, std::uint8_t{1});
  end = write_property(end, property_id::receive_maximum, std::uint16_t{0x0203});
  end = write_property(end, property_id::session_expiry_interval, std::uint32_t{0x0405'0607});
  end = write_property(end, property_id::reason_string, std::string_view("why"));
  out.resize(static_cast<std::size_t>(end - out.data()));
  EXPECT_EQ(out, hex("2401 210203 1104050607 1f0003 'why'"));
  EXPECT_EQ(out.size(), property_size(std::uint8_t{}) + property_size(std::uint16_t{}) +
                            property_size(std::uint32_t{}) + property_size(std::string_view("why")));
}

}  // namespace
}  // namespace headgate::mqtt
