#include "mqtt/properties.hpp"

#include <array>

#include "mqtt/topic.hpp"

namespace headgate::mqtt {
namespace {

enum class property_type : std::uint8_t { none, byte, u16, u32, variable, string, binary, string_pair };

// What the standard says of one property (2.2.2.2), whichever packet carries it.
struct property_rule {
  property_type type = property_type::none;
  bool zero_allowed = true;
  bool at_most_one = false;  // a Byte whose only values are 0 and 1
};

constexpr std::size_t rule_count = 0x2b;

constexpr std::array<property_rule, rule_count> rules = [] {
  std::array<property_rule, rule_count> table{};
  const auto set = [&table](property_id id, property_rule rule) { table[static_cast<std::size_t>(id)] = rule; };
  using enum property_id;
  using type = property_type;
  for (const property_id id : {payload_format_indicator, request_problem_information, request_response_information,
                               maximum_qos, retain_available, wildcard_subscription_available,
                               subscription_identifier_available, shared_subscription_available}) {
    set(id, {type::byte, true, true});
  }
  for (const property_id id : {message_expiry_interval, session_expiry_interval, will_delay_interval}) {
    set(id, {type::u32});
  }
  for (const property_id id : {server_keep_alive, topic_alias_maximum}) set(id, {type::u16});
  for (const property_id id : {receive_maximum, topic_alias}) set(id, {type::u16, false});
  set(maximum_packet_size, {type::u32, false});
  set(subscription_identifier, {type::variable, false});
  for (const property_id id : {content_type, response_topic, assigned_client_identifier, authentication_method,
                               response_information, server_reference, reason_string}) {
    set(id, {type::string});
  }
  for (const property_id id : {correlation_data, authentication_data}) set(id, {type::binary});
  set(user_property, {type::string_pair});
  return table;
}();

std::optional<errc> text_error(bytes text) {
  switch (check_utf8(text)) {
    case text_check::good:
      return std::nullopt;
    case text_check::not_utf8:
      return errc::string_not_utf8;
    case text_check::has_nul:
      return errc::string_has_nul;
  }
  return std::nullopt;
}

bytes read_sized(base::byte_cursor& at) {
  return at.read_bytes(at.read_u16());
}

// Reads what follows the identifier, whatever it says.
std::optional<errc> read_value(base::byte_cursor& at, property_type type, property& found) {
  switch (type) {
    case property_type::none:
      return errc::property_unknown;
    case property_type::byte:
      found.number = at.read_u8();
      break;
    case property_type::u16:
      found.number = at.read_u16();
      break;
    case property_type::u32:
      found.number = at.read_u32();
      break;
    case property_type::variable: {
      const auto number = read_variable_byte_integer(at);
      if (!number) return at.failed() ? errc::truncated : errc::property_number_malformed;
      found.number = *number;
      break;
    }
    case property_type::string:
    case property_type::binary:
      found.data = read_sized(at);
      break;
    case property_type::string_pair:
      found.data = read_sized(at);
      found.value = read_sized(at);
      break;
  }
  if (at.failed()) return errc::truncated;
  return std::nullopt;
}

// Checks a value that was read whole.
std::optional<errc> check_value(const property_rule& rule, const property& found) {
  switch (rule.type) {
    case property_type::none:
    case property_type::binary:
      return std::nullopt;
    case property_type::byte:
    case property_type::u16:
    case property_type::u32:
    case property_type::variable:
      if (found.number == 0 && !rule.zero_allowed) {
        return found.id == property_id::topic_alias ? errc::topic_alias_zero : errc::property_value_invalid;
      }
      if (found.number > 1 && rule.at_most_one) return errc::property_value_invalid;
      return std::nullopt;
    case property_type::string: {
      if (const auto error = text_error(found.data)) return error;
      // A Response Topic is a Topic Name [MQTT-4.7.3-1], [MQTT-3.3.2-14]; nobody here builds a tree of its levels.
      const std::string_view text = base::as_text(found.data);
      if (found.id == property_id::response_topic && (text.empty() || has_wildcard(text))) {
        return errc::property_value_invalid;
      }
      return std::nullopt;
    }
    case property_type::string_pair:
      if (const auto error = text_error(found.data)) return error;
      return text_error(found.value);
  }
  return std::nullopt;
}

}  // namespace

property_reader::property_reader(base::byte_cursor& packet, property_set allowed, property_set repeatable)
    : at_(bytes{}), allowed_(allowed), repeatable_(repeatable) {
  if (packet.empty()) {
    error_ = errc::truncated;
    return;
  }
  const auto length = read_variable_byte_integer(packet);
  if (!length || *length > packet.remaining()) {
    error_ = errc::property_length_malformed;
    return;
  }
  all_ = packet.read_bytes(*length);
  at_ = base::byte_cursor(all_);
}

std::optional<property> property_reader::next() {
  if (error_ || at_.empty()) return std::nullopt;
  std::optional<property> found(std::in_place);
  error_ = read(*found);
  if (error_) found.reset();
  return found;
}

std::optional<errc> property_reader::read(property& found) {
  const std::size_t start = all_.size() - at_.remaining();
  const std::uint8_t id = at_.read_u8();
  if (id >= rules.size() || rules[id].type == property_type::none) return errc::property_unknown;
  found.id = static_cast<property_id>(id);
  const property_set bit = allow(found.id);
  if ((allowed_ & bit) == 0) return errc::property_not_allowed;
  if ((seen_ & bit & ~repeatable_) != 0) return errc::property_repeated;
  seen_ |= bit;
  if (const auto error = read_value(at_, rules[id].type, found)) return error;
  found.encoded = all_.subspan(start, all_.size() - at_.remaining() - start);
  return check_value(rules[id], found);
}

property_extent first_property(bytes properties) {
  base::byte_cursor at(properties);
  property found;
  const std::uint8_t id = at.read_u8();
  found.id = static_cast<property_id>(id);
  const bool known = id < rules.size() && !read_value(at, rules[id].type, found);
  HEADGATE_ASSERT(known);
  return {found.id, properties.size() - at.remaining()};
}

std::optional<std::uint32_t> read_variable_byte_integer(base::byte_cursor& packet) {
  std::uint32_t value = 0;
  for (unsigned shift = 0; shift < 28; shift += 7) {
    const std::uint8_t byte = packet.read_u8();
    if (packet.failed()) return std::nullopt;
    value |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
    if (byte >= 0x80) continue;
    if (byte == 0 && shift > 0) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

result<std::string_view> read_string(base::byte_cursor& packet) {
  const bytes text = read_sized(packet);
  if (packet.failed()) return errc::truncated;
  if (const auto error = text_error(text)) return *error;
  return base::as_text(text);
}

result<bytes> read_binary(base::byte_cursor& packet) {
  const bytes data = read_sized(packet);
  if (packet.failed()) return errc::truncated;
  return data;
}

std::uint8_t* write_property(std::uint8_t* out, property_id id, std::uint8_t value) {
  *out++ = static_cast<std::uint8_t>(id);
  *out++ = value;
  return out;
}

std::uint8_t* write_property(std::uint8_t* out, property_id id, std::uint16_t value) {
  *out++ = static_cast<std::uint8_t>(id);
  return write_u16(out, value);
}

std::uint8_t* write_property(std::uint8_t* out, property_id id, std::uint32_t value) {
  *out++ = static_cast<std::uint8_t>(id);
  return write_u32(out, value);
}

std::uint8_t* write_property(std::uint8_t* out, property_id id, std::string_view value) {
  *out++ = static_cast<std::uint8_t>(id);
  return write_string(out, value);
}

}  // namespace headgate::mqtt
