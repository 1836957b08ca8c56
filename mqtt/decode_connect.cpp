#include "mqtt/connect.hpp"
#include "mqtt/properties.hpp"
#include "mqtt/topic.hpp"

namespace headgate::mqtt {
namespace {

constexpr std::string_view protocol_name = "MQTT";
constexpr std::string_view protocol_name_of_3_1 = "MQIsdp";
constexpr std::uint8_t bridge_bit = 0x80;

// 3.1.2.3: the Connect Flags.
struct connect_flags {
  static constexpr unsigned reserved = 0x01;
  static constexpr unsigned clean_start = 0x02;
  static constexpr unsigned will = 0x04;
  static constexpr unsigned will_qos = 0x18;
  static constexpr unsigned will_retain = 0x20;
  static constexpr unsigned password = 0x40;
  static constexpr unsigned user_name = 0x80;
};

constexpr property_set connect_properties =
    allow(property_id::session_expiry_interval, property_id::receive_maximum, property_id::maximum_packet_size,
          property_id::topic_alias_maximum, property_id::request_response_information,
          property_id::request_problem_information, property_id::user_property, property_id::authentication_method,
          property_id::authentication_data);

constexpr property_set will_properties = allow(
    property_id::will_delay_interval, property_id::payload_format_indicator, property_id::message_expiry_interval,
    property_id::content_type, property_id::response_topic, property_id::correlation_data, property_id::user_property);

// Those of them that do not travel with the will's message as they are.
constexpr property_set own_will_properties =
    allow(property_id::will_delay_interval, property_id::message_expiry_interval);

struct protocol {
  mqtt::version version{};
  bool bridge = false;
};

// The Protocol Name and Protocol Version (3.1.2.1, 3.1.2.2).
result<protocol> read_protocol(base::byte_cursor& at) {
  const bytes name = at.read_bytes(at.read_u16());
  if (at.failed()) return errc::truncated;
  const bool is_3_1 = base::as_text(name) == protocol_name_of_3_1;
  if (!is_3_1 && base::as_text(name) != protocol_name) return errc::protocol_name_unknown;
  const std::uint8_t level = at.read_u8();
  if (at.failed()) return errc::truncated;
  const auto before_5 = is_3_1 ? version::v3_1 : version::v3_1_1;
  if ((level & ~bridge_bit) == static_cast<std::uint8_t>(before_5)) return protocol{before_5, level >= bridge_bit};
  if (!is_3_1 && level == static_cast<std::uint8_t>(version::v5)) return protocol{version::v5, false};
  return errc::protocol_version_unsupported;
}

std::optional<errc> check_flags(unsigned flags, version version) {
  const bool is_3_1 = version == version::v3_1;
  if ((flags & connect_flags::reserved) && !is_3_1) return errc::connect_flags_reserved;
  // 3.1, 3.1: without a will its other flags are to be disregarded.
  const bool looks_at_will = (flags & connect_flags::will) || !is_3_1;
  if (looks_at_will && (flags & connect_flags::will_qos) == connect_flags::will_qos) return errc::will_qos_invalid;
  if (looks_at_will && !(flags & connect_flags::will) &&
      (flags & (connect_flags::will_qos | connect_flags::will_retain))) {
    return errc::will_flags_without_will;
  }
  if (version != version::v5 && (flags & connect_flags::password) && !(flags & connect_flags::user_name)) {
    return errc::password_without_user_name;
  }
  return std::nullopt;
}

std::optional<errc> read_connect_properties(base::byte_cursor& at, connect& packet) {
  bool has_authentication_data = false;
  property_reader reader(at, connect_properties);
  while (const auto next = reader.next()) {
    if (next->id == property_id::session_expiry_interval) packet.session_expiry_interval_s = next->number;
    if (next->id == property_id::receive_maximum) packet.receive_maximum = static_cast<std::uint16_t>(next->number);
    if (next->id == property_id::maximum_packet_size) packet.maximum_packet_size = next->number;
    if (next->id == property_id::topic_alias_maximum) {
      packet.topic_alias_maximum = static_cast<std::uint16_t>(next->number);
    }
    if (next->id == property_id::request_problem_information) packet.request_problem_information = next->number != 0;
    if (next->id == property_id::request_response_information) packet.request_response_information = next->number != 0;
    if (next->id == property_id::authentication_method) packet.authentication_method = base::as_text(next->data);
    if (next->id == property_id::authentication_data) has_authentication_data = true;
  }
  if (reader.error()) return reader.error();
  if (has_authentication_data && !packet.authentication_method) return errc::authentication_data_without_method;
  return std::nullopt;
}

result<will_view> read_will(base::byte_cursor& at, unsigned flags, version version) {
  will_view will;
  will.qos = static_cast<qos>((flags & connect_flags::will_qos) >> 3);
  will.retain = (flags & connect_flags::will_retain) != 0;
  if (version == version::v5) {
    property_reader reader(at, will_properties);
    while (const auto next = reader.next()) {
      if (next->id == property_id::will_delay_interval) will.delay_interval_s = next->number;
      if (next->id == property_id::message_expiry_interval) will.message_expiry_interval_s = next->number;
      will.properties_need_filter |= (allow(next->id) & own_will_properties) != 0;
    }
    if (reader.error()) return *reader.error();
    will.properties = reader.all();
  }
  const auto topic = read_binary(at);
  if (!topic) return topic.error();
  if (const auto error = find_topic_name_error(*topic)) return *error;
  will.topic = base::as_text(*topic);
  const auto payload = read_binary(at);
  if (!payload) return payload.error();
  will.payload = *payload;
  return will;
}

// 3.1.3.5 and 3.1.3.6. By 3.1 (section 3.1) the Remaining Length takes precedence over the flags: both may be missing.
std::optional<errc> read_credentials(base::byte_cursor& at, unsigned flags, connect& packet) {
  const auto is_there = [&](unsigned flag) {
    return (flags & flag) != 0 && !(packet.version == version::v3_1 && at.empty());
  };
  if (is_there(connect_flags::user_name)) {
    const auto user_name = read_string(at);
    if (!user_name) return user_name.error();
    packet.user_name = *user_name;
  }
  if (is_there(connect_flags::password)) {
    const auto password = read_binary(at);
    if (!password) return password.error();
    packet.password = *password;
  }
  return std::nullopt;
}

// [3.1.1: MQTT-3.1.3-8]; 3.1 asks for 1 to 23 characters.
std::optional<errc> check_client_id(const connect& packet) {
  if (!packet.client_id.empty() || packet.version == version::v5) return std::nullopt;
  if (packet.version == version::v3_1) return errc::client_id_empty;
  if (!packet.clean_start) return errc::client_id_empty_without_clean_session;
  return std::nullopt;
}

// 3.1.3: what follows the variable header.
std::optional<errc> read_payload(base::byte_cursor& at, unsigned flags, connect& packet) {
  const auto client_id = read_string(at);
  if (!client_id) return client_id.error();
  packet.client_id = *client_id;
  if (flags & connect_flags::will) {
    const auto will = read_will(at, flags, packet.version);
    if (!will) return will.error();
    packet.will = *will;
  }
  if (const auto error = read_credentials(at, flags, packet)) return error;
  if (!at.empty()) return errc::trailing_bytes;
  return check_client_id(packet);
}

}  // namespace

result<connect> decode_connect(const frame& packet) {
  base::byte_cursor at(packet.body);
  const auto protocol = read_protocol(at);
  if (!protocol) return protocol.error();
  connect found;
  found.version = protocol->version;
  found.bridge = protocol->bridge;
  const unsigned flags = at.read_u8();
  found.keep_alive_s = at.read_u16();
  if (at.failed()) return errc::truncated;
  if (const auto error = check_flags(flags, found.version)) return *error;
  found.clean_start = (flags & connect_flags::clean_start) != 0;
  if (found.version == version::v5) {
    if (const auto error = read_connect_properties(at, found)) return *error;
  } else if (!found.clean_start) {
    found.session_expiry_interval_s = 0xffff'ffff;
  }
  if (const auto error = read_payload(at, flags, found)) return *error;
  return found;
}

version version_of_broken_connect(const frame& packet) {
  base::byte_cursor at(packet.body);
  const bytes name = at.read_bytes(at.read_u16());
  const std::uint8_t level = at.read_u8();
  if (base::as_text(name) == protocol_name_of_3_1) return version::v3_1;
  const bool is_bridge = level == (static_cast<std::uint8_t>(version::v3_1_1) | bridge_bit);
  const bool is_v5 = base::as_text(name) == protocol_name && level >= static_cast<std::uint8_t>(version::v5);
  return is_v5 && !is_bridge ? version::v5 : version::v3_1_1;
}

}  // namespace headgate::mqtt
