#include "mqtt/properties.hpp"
#include "mqtt/publish.hpp"

namespace headgate::mqtt {
namespace {

struct head_sizes {
  std::uint32_t properties = 0;  // in MQTT 5, without the Property Length
  std::size_t remaining_length = 0;
};

std::size_t size_of(std::span<const std::uint32_t> subscription_identifiers) {
  std::size_t size = 0;
  for (const std::uint32_t each : subscription_identifiers) size += 1 + variable_byte_integer_size(each);
  return size;
}

head_sizes sizes_of(const publish_head& head) {
  head_sizes sizes;
  sizes.remaining_length = 2 + head.topic.size() + (head.qos == qos::at_most_once ? 0 : 2) + head.payload_size;
  if (head.version == version::v5) {
    const std::size_t expiry = head.message_expiry_interval_s == no_expiry ? 0 : 5;
    const std::size_t alias = head.topic_alias == 0 ? 0 : 3;
    sizes.properties =
        static_cast<std::uint32_t>(head.properties.size() + expiry + alias + size_of(head.subscription_identifiers));
    sizes.remaining_length += variable_byte_integer_size(sizes.properties) + sizes.properties;
  }
  return sizes;
}

}  // namespace

std::size_t encoded_size(const publish_head& head) {
  return packet_size(sizes_of(head).remaining_length) - head.payload_size;
}

std::uint8_t* encode(const publish_head& head, std::uint8_t* out) {
  const head_sizes sizes = sizes_of(head);
  const auto flags = static_cast<std::uint8_t>(head.dup << 3 | static_cast<unsigned>(head.qos) << 1 | head.retain);
  out = write_fixed_header(out, packet_type::publish, flags, sizes.remaining_length);
  out = write_string(out, head.topic);
  if (head.qos != qos::at_most_once) out = write_u16(out, head.packet_id);
  if (head.version == version::v5) {
    out = write_variable_byte_integer(out, sizes.properties);
    if (head.message_expiry_interval_s != no_expiry) {
      out = write_property(out, property_id::message_expiry_interval, head.message_expiry_interval_s);
    }
    if (head.topic_alias != 0) out = write_property(out, property_id::topic_alias, head.topic_alias);
    for (const std::uint32_t each : head.subscription_identifiers) {
      *out++ = static_cast<std::uint8_t>(property_id::subscription_identifier);
      out = write_variable_byte_integer(out, each);
    }
    out = write_bytes(out, head.properties);
  }
  return out;
}

}  // namespace headgate::mqtt
