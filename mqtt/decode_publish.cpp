#include "mqtt/properties.hpp"
#include "mqtt/publish.hpp"
#include "mqtt/topic.hpp"

namespace headgate::mqtt {
namespace {

constexpr property_set publish_properties =
    allow(property_id::payload_format_indicator, property_id::message_expiry_interval, property_id::topic_alias,
          property_id::response_topic, property_id::correlation_data, property_id::user_property,
          property_id::subscription_identifier, property_id::content_type);

// One message may come by several subscriptions (3.3.2.3.8).
constexpr property_set repeatable_properties = allow(property_id::user_property, property_id::subscription_identifier);

constexpr property_set not_forwarded = allow(property_id::topic_alias, property_id::message_expiry_interval,
                                             property_id::subscription_identifier, property_id::will_delay_interval);

// Calls visit(bytes) for each property that travels, in its order.
template <class Visit>
void for_each_forwarded(bytes properties, Visit visit) {
  while (!properties.empty()) {
    const property_extent first = first_property(properties);
    if ((allow(first.id) & not_forwarded) == 0) visit(properties.first(first.size));
    properties = properties.subspan(first.size);
  }
}

std::optional<errc> read_properties(base::byte_cursor& at, sender sender, publish_view& view) {
  property_reader reader(at, publish_properties, repeatable_properties);
  while (const auto next = reader.next()) {
    if (next->id == property_id::topic_alias) view.topic_alias = static_cast<std::uint16_t>(next->number);
    if (next->id == property_id::message_expiry_interval) view.message_expiry_interval_s = next->number;
    if (next->id == property_id::subscription_identifier && sender == sender::client) {
      return errc::subscription_identifier_from_client;
    }
    view.properties_need_filter |= (allow(next->id) & not_forwarded) != 0;
  }
  view.properties = reader.all();
  return reader.error();
}

}  // namespace

result<publish_view> decode_publish(const frame& packet, version version, sender sender) {
  const unsigned quality = packet.flags >> 1 & 3U;
  if (quality == 3) return errc::qos_invalid;
  publish_view view;
  view.qos = static_cast<qos>(quality);
  view.dup = (packet.flags & 8) != 0;
  view.retain = (packet.flags & 1) != 0;
  if (view.dup && quality == 0) return errc::dup_with_qos_0;
  base::byte_cursor at(packet.body);
  const bytes topic = at.read_bytes(at.read_u16());
  if (quality != 0) view.packet_id = at.read_u16();
  if (at.failed()) return errc::truncated;
  if (quality != 0 && view.packet_id == 0) return errc::packet_id_zero;
  if (version == version::v5) {
    if (const auto error = read_properties(at, sender, view)) return *error;
  }
  // An empty topic stands for the one that the alias was given to before (3.3.2.3.4).
  if (!topic.empty() || view.topic_alias == 0) {
    if (const auto error = find_topic_name_error(topic)) return *error;
  }
  view.topic = base::as_text(topic);
  view.payload = at.read_rest();
  return view;
}

std::uint8_t* copy_forwarded_properties(bytes properties, std::uint8_t* out) {
  for_each_forwarded(properties, [&out](bytes each) { out = write_bytes(out, each); });
  return out;
}

std::size_t forwarded_properties_size(bytes properties) {
  std::size_t size = 0;
  for_each_forwarded(properties, [&size](bytes each) { size += each.size(); });
  return size;
}

std::vector<std::uint32_t> subscription_identifiers_of(bytes properties) {
  std::vector<std::uint32_t> found;
  while (!properties.empty()) {
    const property_extent first = first_property(properties);
    if (first.id == property_id::subscription_identifier) {
      base::byte_cursor at(properties.subspan(1));
      found.push_back(read_variable_byte_integer(at).value_or(0));
    }
    properties = properties.subspan(first.size);
  }
  return found;
}

}  // namespace headgate::mqtt
