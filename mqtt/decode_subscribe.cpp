#include "mqtt/properties.hpp"
#include "mqtt/subscribe.hpp"
#include "mqtt/topic.hpp"

namespace headgate::mqtt {
namespace {

// MQTT 5.0, 3.8.3.1; before it all but the QoS is reserved.
std::optional<errc> read_options(std::uint8_t options, version version, subscription& found) {
  const unsigned reserved = version == version::v5 ? 0xc0 : 0xfc;
  if ((options & reserved) != 0) return errc::subscription_options_reserved;
  if ((options & 3) == 3) return errc::subscription_qos_invalid;
  found.maximum_qos = static_cast<qos>(options & 3);
  found.no_local = (options & 0x04) != 0;
  found.retain_as_published = (options & 0x08) != 0;
  found.retain_handling = static_cast<std::uint8_t>(options >> 4);
  if (found.retain_handling == 3) return errc::retain_handling_invalid;
  if (found.no_local && is_shared_filter(found.filter)) return errc::no_local_on_shared;
  return std::nullopt;
}

result<subscription> read_subscription(base::byte_cursor& at, version version) {
  const auto filter = read_string(at);
  if (!filter) return filter.error();
  const std::uint8_t options = at.read_u8();
  if (at.failed()) return errc::truncated;
  if (!is_valid_subscription_filter(*filter, version)) return errc::filter_invalid;
  subscription found;
  found.filter = *filter;
  if (const auto error = read_options(options, version, found)) return *error;
  return found;
}

}  // namespace

result<subscribe> decode_subscribe(const frame& packet, version version) {
  base::byte_cursor at(packet.body);
  subscribe found;
  found.packet_id = at.read_u16();
  if (at.failed()) return errc::truncated;
  if (found.packet_id == 0) return errc::packet_id_zero;
  if (version == version::v5) {
    property_reader reader(at, allow(property_id::subscription_identifier, property_id::user_property));
    while (const auto next = reader.next()) {
      if (next->id == property_id::subscription_identifier) found.subscription_identifier = next->number;
    }
    if (reader.error()) return *reader.error();
  }
  while (!at.empty()) {
    const auto next = read_subscription(at, version);
    if (!next) return next.error();
    found.subscriptions.push_back(*next);
  }
  if (found.subscriptions.empty()) return errc::no_topic_filter;
  return found;
}

}  // namespace headgate::mqtt
