#pragma once

#include <algorithm>
#include <optional>

#include "base/byte_cursor.hpp"
#include "mqtt/errc.hpp"
#include "mqtt/framing.hpp"
#include "mqtt/types.hpp"

namespace headgate::mqtt {

// MQTT 5.0, 2.2.2.2.
enum class property_id : std::uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0b,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
  response_information = 0x1a,
  server_reference = 0x1c,
  reason_string = 0x1f,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifier_available = 0x29,
  shared_subscription_available = 0x2a,
};

// One property; which members mean something follows from its type in the standard.
struct property {
  property_id id{};
  std::uint32_t number = 0;  // Byte, Two Byte, Four Byte and Variable Byte Integers
  bytes data{};              // UTF-8 strings and binary data; the name of a user property
  bytes value{};             // the value of a user property
  bytes encoded{};           // the property as it stands in the packet, identifier included
};

// The set of properties that a packet may carry: bit n stands for identifier n.
using property_set = std::uint64_t;
constexpr property_set allow(property_id id) {
  return property_set{1} << static_cast<unsigned>(id);
}
template <class... Ids>
constexpr property_set allow(property_id first, Ids... rest) {
  return allow(first) | allow(rest...);
}

// Reads the properties of one packet, one after the other; checks types, values, UTF-8, the packet's set, and that none
// but User Property (and Subscription Identifier where the set has it in `repeatable`) occurs twice.
//   property_reader reader(cursor_at_property_length, allowed);
//   while (auto next = reader.next()) { ... }
//   if (reader.error()) return *reader.error();
// The views live as long as the packet's bytes.
class property_reader {
 public:
  // Reads the Property Length and takes that many bytes from `packet`.
  property_reader(base::byte_cursor& packet, property_set allowed,
                  property_set repeatable = allow(property_id::user_property));

  std::optional<property> next();
  std::optional<errc> error() const { return error_; }
  // All the bytes of the properties, without the Property Length.
  bytes all() const { return all_; }

 private:
  std::optional<errc> read(property& found);

  bytes all_;
  base::byte_cursor at_;
  property_set allowed_;
  property_set repeatable_;
  property_set seen_ = 0;
  std::optional<errc> error_;
};

// Size in bytes of the first of some well-formed properties, identifier included; id is that property's.
struct property_extent {
  property_id id{};
  std::size_t size = 0;
};
property_extent first_property(bytes properties);

// A Variable Byte Integer (1.5.5) of a packet in the fewest bytes [MQTT-1.5.5-1]; nothing if it is cut, longer, or five
// bytes.
std::optional<std::uint32_t> read_variable_byte_integer(base::byte_cursor& packet);

// A UTF-8 Encoded String (1.5.4) of a packet: its text, checked.
result<std::string_view> read_string(base::byte_cursor& packet);

// Binary Data (1.5.6) of a packet.
result<bytes> read_binary(base::byte_cursor& packet);

// Writers: each returns the end of what it wrote. Their sizes: 1 + the width, or 1 + 2 + length.
inline std::uint8_t* write_u16(std::uint8_t* out, std::uint16_t value) {
  *out++ = static_cast<std::uint8_t>(value >> 8);
  *out++ = static_cast<std::uint8_t>(value);
  return out;
}
inline std::uint8_t* write_u32(std::uint8_t* out, std::uint32_t value) {
  return write_u16(write_u16(out, static_cast<std::uint16_t>(value >> 16)), static_cast<std::uint16_t>(value));
}
inline std::uint8_t* write_bytes(std::uint8_t* out, bytes data) {
  return std::copy(data.begin(), data.end(), out);
}
inline std::uint8_t* write_string(std::uint8_t* out, std::string_view text) {  // text.size() <= 65,535
  return write_bytes(write_u16(out, static_cast<std::uint16_t>(text.size())), base::as_bytes(text));
}
std::uint8_t* write_property(std::uint8_t* out, property_id id, std::uint8_t value);
std::uint8_t* write_property(std::uint8_t* out, property_id id, std::uint16_t value);
std::uint8_t* write_property(std::uint8_t* out, property_id id, std::uint32_t value);
std::uint8_t* write_property(std::uint8_t* out, property_id id, std::string_view value);

// What write_property() writes for such a value.
inline std::size_t property_size(std::uint8_t) {
  return 2;
}
inline std::size_t property_size(std::uint16_t) {
  return 3;
}
inline std::size_t property_size(std::uint32_t) {
  return 5;
}
inline std::size_t property_size(std::string_view value) {
  return 3 + value.size();
}

}  // namespace headgate::mqtt
