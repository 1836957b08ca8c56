#include "mqtt/connect.hpp"
#include "mqtt/properties.hpp"
#include "mqtt/publish.hpp"

namespace headgate::mqtt {
namespace {

// Calls visit(id, value) for each property that differs from its default.
template <class Visit>
void for_each_property(const connect& packet, Visit visit) {
  constexpr connect defaults;
  if (packet.session_expiry_interval_s != 0) {
    visit(property_id::session_expiry_interval, packet.session_expiry_interval_s);
  }
  if (packet.receive_maximum != defaults.receive_maximum) visit(property_id::receive_maximum, packet.receive_maximum);
  if (packet.maximum_packet_size != defaults.maximum_packet_size) {
    visit(property_id::maximum_packet_size, packet.maximum_packet_size);
  }
  if (packet.topic_alias_maximum != 0) visit(property_id::topic_alias_maximum, packet.topic_alias_maximum);
  if (!packet.request_problem_information) visit(property_id::request_problem_information, std::uint8_t{0});
  if (packet.request_response_information) visit(property_id::request_response_information, std::uint8_t{1});
  if (packet.authentication_method) visit(property_id::authentication_method, *packet.authentication_method);
}

std::uint32_t properties_size(const connect& packet) {
  std::size_t size = 0;
  for_each_property(packet, [&size](property_id, auto value) { size += property_size(value); });
  return static_cast<std::uint32_t>(size);
}

std::string_view protocol_name_of(version version) {
  return version == version::v3_1 ? "MQIsdp" : "MQTT";
}

std::uint32_t properties_size(const will_view& will) {
  std::size_t size = forwarded_properties_size(will.properties);
  if (will.delay_interval_s != 0) size += property_size(will.delay_interval_s);
  if (will.message_expiry_interval_s != no_expiry) size += property_size(will.message_expiry_interval_s);
  return static_cast<std::uint32_t>(size);
}

std::size_t encoded_size(const will_view& will, version version) {
  std::size_t size = 2 + will.topic.size() + 2 + will.payload.size();
  if (version == version::v5) size += variable_byte_integer_size(properties_size(will)) + properties_size(will);
  return size;
}

std::uint8_t* encode(const will_view& will, version version, std::uint8_t* out) {
  if (version == version::v5) {
    out = write_variable_byte_integer(out, properties_size(will));
    if (will.delay_interval_s != 0) out = write_property(out, property_id::will_delay_interval, will.delay_interval_s);
    if (will.message_expiry_interval_s != no_expiry) {
      out = write_property(out, property_id::message_expiry_interval, will.message_expiry_interval_s);
    }
    out = copy_forwarded_properties(will.properties, out);
  }
  out = write_string(out, will.topic);
  return write_string(out, base::as_text(will.payload));
}

// 3.1.2.3.
std::uint8_t flags_of(const connect& packet) {
  unsigned flags = packet.clean_start << 1 | packet.password.has_value() << 6 | packet.user_name.has_value() << 7;
  if (packet.will) flags |= 1U << 2 | static_cast<unsigned>(packet.will->qos) << 3 | packet.will->retain << 5;
  return static_cast<std::uint8_t>(flags);
}

std::size_t remaining_length(const connect& packet, std::uint32_t properties) {
  std::size_t size = 2 + protocol_name_of(packet.version).size() + 4 + 2 + packet.client_id.size();
  if (packet.version == version::v5) size += variable_byte_integer_size(properties) + properties;
  if (packet.will) size += encoded_size(*packet.will, packet.version);
  if (packet.user_name) size += 2 + packet.user_name->size();
  if (packet.password) size += 2 + packet.password->size();
  return size;
}

}  // namespace

std::size_t encoded_size(const connect& packet) {
  return packet_size(remaining_length(packet, properties_size(packet)));
}

std::uint8_t* encode(const connect& packet, std::uint8_t* out) {
  const std::uint32_t properties = properties_size(packet);
  out = write_fixed_header(out, packet_type::connect, 0, remaining_length(packet, properties));
  out = write_string(out, protocol_name_of(packet.version));
  *out++ = static_cast<std::uint8_t>(static_cast<unsigned>(packet.version) | packet.bridge << 7);
  *out++ = flags_of(packet);
  out = write_u16(out, packet.keep_alive_s);
  if (packet.version == version::v5) {
    out = write_variable_byte_integer(out, properties);
    for_each_property(packet, [&out](property_id id, auto value) { out = write_property(out, id, value); });
  }
  out = write_string(out, packet.client_id);
  if (packet.will) out = encode(*packet.will, packet.version, out);
  if (packet.user_name) out = write_string(out, *packet.user_name);
  if (packet.password) out = write_string(out, base::as_text(*packet.password));
  return out;
}

}  // namespace headgate::mqtt
