#include "mqtt/reason_code.hpp"

#include <set>

#include "tests/unit/mqtt/packets.hpp"

namespace headgate::mqtt {
namespace {

TEST(reason_code, each_has_its_name_2_4) {
  const buffer codes =
      hex("00 01 02 04 10 11 18 19 80 81 82 83 84 85 86 87 88 89 8a 8b 8c 8d 8e 8f 90 91 92 93 94 95 96 97 98 99 9a 9b "
          "9c 9d"
          "9e 9f a0 a1 a2");
  std::set<std::string_view> names;
  for (const std::uint8_t code : codes) names.insert(name_of(static_cast<reason_code>(code)));
  EXPECT_EQ(names.size(), codes.size());
  EXPECT_EQ(name_of(reason_code::malformed_packet), "Malformed Packet");
  EXPECT_EQ(names.count(name_of(static_cast<reason_code>(0x7f))), 0U);
}

TEST(reason_code, nearest_return_code_of_3_1_1) {
  EXPECT_EQ(connect_return_code(reason_code::success), 0);
  EXPECT_EQ(connect_return_code(reason_code::unsupported_protocol_version), 1);
  EXPECT_EQ(connect_return_code(reason_code::client_identifier_not_valid), 2);
  EXPECT_EQ(connect_return_code(reason_code::server_unavailable), 3);
  EXPECT_EQ(connect_return_code(reason_code::server_busy), 3);
  EXPECT_EQ(connect_return_code(reason_code::bad_user_name_or_password), 4);
  EXPECT_EQ(connect_return_code(reason_code::not_authorized), 5);
  for (unsigned code = 0x80; code < 0x100; ++code) {
    const std::uint8_t nearest = connect_return_code(static_cast<reason_code>(code));
    EXPECT_GE(nearest, 1);
    EXPECT_LE(nearest, 5);
  }
}

TEST(errc, what_the_standard_calls_malformed_and_what_a_protocol_error) {
  for (const errc error : {errc::truncated, errc::reserved_flags, errc::string_not_utf8, errc::string_has_nul,
                           errc::property_unknown, errc::property_not_allowed, errc::connect_flags_reserved,
                           errc::will_qos_invalid, errc::qos_invalid, errc::subscription_options_reserved}) {
    EXPECT_EQ(reason_of(error), reason_code::malformed_packet) << explain(error);
  }
  for (const errc error :
       {errc::property_repeated, errc::property_value_invalid, errc::topic_empty, errc::no_topic_filter,
        errc::subscription_qos_invalid, errc::retain_handling_invalid, errc::no_local_on_shared,
        errc::authentication_data_without_method, errc::subscription_identifier_from_client, errc::packet_id_zero}) {
    EXPECT_EQ(reason_of(error), reason_code::protocol_error) << explain(error);
  }
}

TEST(errc, those_with_a_code_of_their_own) {
  EXPECT_EQ(reason_of(errc::packet_too_large), reason_code::packet_too_large);
  EXPECT_EQ(reason_of(errc::protocol_version_unsupported), reason_code::unsupported_protocol_version);
  EXPECT_EQ(connect_return_code(reason_of(errc::protocol_name_unknown)), 1);
  EXPECT_EQ(connect_return_code(reason_of(errc::client_id_empty_without_clean_session)), 2);
  EXPECT_EQ(reason_of(errc::topic_has_wildcard), reason_code::topic_name_invalid);
  EXPECT_EQ(reason_of(errc::topic_alias_zero), reason_code::topic_alias_invalid);
  EXPECT_EQ(reason_of(errc::filter_invalid), reason_code::topic_filter_invalid);
}

TEST(errc, every_one_is_explained_in_its_own_words) {
  constexpr auto last = static_cast<unsigned>(errc::session_present_with_failure);
  std::set<std::string_view> clauses;
  for (unsigned error = 0; error <= last; ++error) {
    clauses.insert(explain(static_cast<errc>(error)));
    EXPECT_GE(static_cast<unsigned>(reason_of(static_cast<errc>(error))), 0x81U) << error;
  }
  EXPECT_EQ(clauses.size(), last + 1);
  EXPECT_EQ(explain(errc::qos_invalid), "PUBLISH with QoS 3 [MQTT-3.3.1-4]");
}

}  // namespace
}  // namespace headgate::mqtt
