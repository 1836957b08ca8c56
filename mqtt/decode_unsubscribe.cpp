#include "mqtt/properties.hpp"
#include "mqtt/topic.hpp"
#include "mqtt/unsubscribe.hpp"

namespace headgate::mqtt {

result<unsubscribe> decode_unsubscribe(const frame& packet, version version) {
  base::byte_cursor at(packet.body);
  unsubscribe found;
  found.packet_id = at.read_u16();
  if (at.failed()) return errc::truncated;
  if (found.packet_id == 0) return errc::packet_id_zero;
  if (version == version::v5) {
    property_reader reader(at, allow(property_id::user_property));
    while (reader.next()) {
    }
    if (reader.error()) return *reader.error();
  }
  while (!at.empty()) {
    const auto filter = read_string(at);
    if (!filter) return filter.error();
    if (!is_valid_subscription_filter(*filter, version)) return errc::filter_invalid;
    found.filters.push_back(*filter);
  }
  if (found.filters.empty()) return errc::no_topic_filter;
  return found;
}

}  // namespace headgate::mqtt
