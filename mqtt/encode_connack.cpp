#include "mqtt/connack.hpp"
#include "mqtt/properties.hpp"

namespace headgate::mqtt {
namespace {

std::size_t property_size(const user_property& value) {
  return 1 + 2 + value.name.size() + 2 + value.value.size();
}

std::uint8_t* write_property(std::uint8_t* out, property_id id, const user_property& value) {
  *out++ = static_cast<std::uint8_t>(id);
  return write_string(write_string(out, value.name), value.value);
}

using mqtt::property_size;
using mqtt::write_property;

// Calls visit(id, value) for each property that differs from its default.
template <class Visit>
void for_each_property(const connack& packet, Visit visit) {
  constexpr connack defaults;
  const auto visit_if_unavailable = [&visit](property_id id, bool available) {
    if (!available) visit(id, std::uint8_t{0});
  };
  if (packet.session_expiry_interval_s) {
    visit(property_id::session_expiry_interval, *packet.session_expiry_interval_s);
  }
  if (packet.receive_maximum != defaults.receive_maximum) visit(property_id::receive_maximum, packet.receive_maximum);
  if (packet.maximum_qos != defaults.maximum_qos) {
    visit(property_id::maximum_qos, static_cast<std::uint8_t>(packet.maximum_qos));
  }
  visit_if_unavailable(property_id::retain_available, packet.retain_available);
  if (packet.maximum_packet_size) visit(property_id::maximum_packet_size, *packet.maximum_packet_size);
  if (!packet.assigned_client_id.empty()) visit(property_id::assigned_client_identifier, packet.assigned_client_id);
  if (packet.topic_alias_maximum != 0) visit(property_id::topic_alias_maximum, packet.topic_alias_maximum);
  if (!packet.reason_string.empty()) visit(property_id::reason_string, packet.reason_string);
  visit_if_unavailable(property_id::wildcard_subscription_available, packet.wildcard_subscription_available);
  visit_if_unavailable(property_id::subscription_identifier_available, packet.subscription_identifier_available);
  visit_if_unavailable(property_id::shared_subscription_available, packet.shared_subscription_available);
  if (packet.server_keep_alive_s) visit(property_id::server_keep_alive, *packet.server_keep_alive_s);
  if (!packet.response_information.empty()) visit(property_id::response_information, packet.response_information);
  if (!packet.server_reference.empty()) visit(property_id::server_reference, packet.server_reference);
  if (packet.authentication_method) visit(property_id::authentication_method, *packet.authentication_method);
  if (!packet.authentication_data.empty()) {
    visit(property_id::authentication_data, base::as_text(packet.authentication_data));
  }
  for (const user_property& each : packet.user_properties) visit(property_id::user_property, each);
}

std::uint32_t properties_size(const connack& packet) {
  std::size_t size = 0;
  for_each_property(packet, [&size](property_id, auto value) { size += property_size(value); });
  return static_cast<std::uint32_t>(size);
}

std::size_t remaining_length(version version, std::uint32_t properties) {
  return version == version::v5 ? 2 + variable_byte_integer_size(properties) + properties : 2;
}

}  // namespace

std::size_t encoded_size(const connack& packet, version version) {
  return packet_size(remaining_length(version, properties_size(packet)));
}

std::uint8_t* encode(const connack& packet, version version, std::uint8_t* out) {
  const std::uint32_t properties = properties_size(packet);
  out = write_fixed_header(out, packet_type::connack, 0, remaining_length(version, properties));
  // A refusal never says that a session is present [MQTT-3.2.2-6]; in 3.1 the byte is reserved.
  *out++ = packet.session_present && packet.reason == reason_code::success && version != version::v3_1;
  if (version != version::v5) {
    *out++ = connect_return_code(packet.reason);
    return out;
  }
  *out++ = static_cast<std::uint8_t>(packet.reason);
  out = write_variable_byte_integer(out, properties);
  for_each_property(packet, [&out](property_id id, auto value) { out = write_property(out, id, value); });
  return out;
}

}  // namespace headgate::mqtt
