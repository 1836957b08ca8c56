#include <algorithm>
#include <array>

#include "loadtest/core/connections.hpp"
#include "loadtest/core/publishing.hpp"

namespace headgate::loadtest::core {

namespace {

// A latency above this is no latency: a message of a run on another machine, whose clock has another zero.
constexpr std::uint64_t longest_latency_ns = 24 * 3'600 * second_ns;

// Whether a message at QoS 2 has been received before and not been released yet [MQTT-4.3.3-10].
bool is_repeated(fleet& fleet, std::uint32_t index, std::uint16_t packet_id) {
  std::vector<std::uint16_t>& ids = fleet.unreleased_of[index].ids;
  const auto place = std::ranges::lower_bound(ids, packet_id);
  if (place != ids.end() && *place == packet_id) return true;
  ids.insert(place, packet_id);
  return false;
}

void record_latency(fleet& fleet, std::uint64_t intended_ns, std::uint64_t now_ns) {
  if (fleet.phase < phase::measuring || intended_ns < fleet.measured_from_ns || intended_ns > fleet.measured_to_ns)
    return;
  const std::uint64_t latency = now_ns - std::min(now_ns, intended_ns);
  if (latency < longest_latency_ns) fleet.results.deliver.record(latency);
}

// What a good server makes of the two QoS [MQTT-3.8.4-8].
bool has_due_qos(const fleet& fleet, std::uint32_t index, const received& message) {
  if (message.mark.publisher >= fleet.publishers.size()) return false;
  // A server that does not grant what is asked for has been told of already.
  if (fleet.refused_filters != 0) return true;
  const mqtt::qos sent = plan_of(fleet, fleet.publishers[message.mark.publisher].client).publish->qos;
  return message.qos == static_cast<std::uint8_t>(mqtt::lower(sent, plan_of(fleet, index).subscribe->qos));
}

void judge(fleet& fleet, std::uint32_t index, const received& message) {
  const client& client = fleet.clients[index];
  if (message.what == received::kind::foreign ||
      (message.what == received::kind::unreadable && !expects(fleet, index))) {
    fleet.audit.on_foreign();
  } else if (message.what == received::kind::unreadable) {
    fleet.audit.on_unreadable(audience_index(client.audience));
  } else if (client.audience == none) {
    fleet.audit.on_stray(message.mark.publisher, message.mark.sequence);
  } else {
    const bool is_whole = message.is_whole && has_due_qos(fleet, index, message);
    const auto moved = fleet.audit.on_delivery(
        audience_index(client.audience),
        {message.mark.publisher, message.mark.sequence, message.dup, message.retain, is_whole, message.has_own_topic});
    if (moved.from != moved.to) on_progress(fleet, client.audience, message.mark.publisher, moved);
  }
}

}  // namespace

void answer(fleet& fleet, std::uint8_t first_byte, std::uint16_t packet_id) {
  const std::array<std::uint8_t, 4> packet{first_byte, 2, static_cast<std::uint8_t>(packet_id >> 8),
                                           static_cast<std::uint8_t>(packet_id)};
  fleet.answers.insert(fleet.answers.end(), packet.begin(), packet.end());
}

void on_delivery(fleet& fleet, std::uint32_t index, const packet& found, std::uint64_t now_ns) {
  const received message = read_delivery(found, plan_of(fleet, index).version, fleet.run);
  if (message.what == received::kind::malformed) {
    drop(fleet, index, departure::by_server, "a PUBLISH that the standard does not allow", now_ns);
    return;
  }
  if (message.qos == 1) answer(fleet, 0x40, message.packet_id);
  if (message.qos == 2) {
    answer(fleet, 0x50, message.packet_id);
    if (is_repeated(fleet, index, message.packet_id)) return;
  }
  // Who expects nothing of this run counts what comes; for the others, messages of somebody else are none.
  if (expects(fleet, index) && message.what == received::kind::foreign) return fleet.audit.on_foreign();
  ++fleet.total.deliveries;
  fleet.total.delivered_bytes += message.payload_size;
  if (message.what != received::kind::unreadable) record_latency(fleet, message.mark.intended_ns, now_ns);
  judge(fleet, index, message);
}

void on_pubrel(fleet& fleet, std::uint32_t index, const packet& found) {
  if (found.size < 2) return;
  const std::uint16_t packet_id = read_u16(found.body);
  const auto entry = fleet.unreleased_of.find(index);
  if (entry != fleet.unreleased_of.end()) {
    std::vector<std::uint16_t>& ids = entry->second.ids;
    const auto place = std::ranges::lower_bound(ids, packet_id);
    if (place != ids.end() && *place == packet_id) ids.erase(place);
  }
  answer(fleet, 0x70, packet_id);
}

}  // namespace headgate::loadtest::core
