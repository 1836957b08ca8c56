#include <algorithm>

#include "tests/sim/invariants.hpp"

namespace headgate::sim {

namespace {

bool maybe_retained(const run_state& run, const device& device, const arrival& arrival) {
  if (!arrival.packet.retain) return false;
  for (std::size_t n = 0; n < filters.size(); ++n) {
    const auto& filter = device.held[n];
    // What was in flight in an earlier connection comes again.
    const bool here =
        filter.scan_connection == device.connection_number || (filter.scan_connection != 0 && arrival.packet.dup);
    if (here && run.matches(device, n, arrival.topic)) return true;
  }
  return false;
}

bool as_published_possible(const run_state& run, const device& device, std::size_t topic) {
  for (std::size_t n = 0; n < device.held.size(); ++n) {
    const auto& filter = device.held[n];
    if (n == filters.size() && device.group < 0) continue;
    if (!run.matches(device, n, topic)) continue;
    if (filter.options.retain_as_published || filter.last.retain_as_published || filter.asked.retain_as_published) {
      return true;
    }
  }
  return false;
}

arrival arrival_of(run_state& run, const device& device, const mqtt::publish_view& packet) {
  arrival arrival;
  arrival.packet = packet;
  arrival.number = run.book.number_in(packet.payload);
  arrival.topic = book::topic_of(packet.topic);
  if (arrival.topic == topics.size()) fail(run, device, "a topic that nobody published to");
  if (arrival.number == 0 && !packet.payload.empty()) fail(run, device, "a payload that nobody published");
  if (arrival.number != 0 && run.book[arrival.number].topic != arrival.topic)
    fail(run, device, "a message of another topic");
  arrival.again = packet.qos == mqtt::qos::exactly_once &&
                  std::any_of(device.incoming.begin(), device.incoming.end(),
                              [&](const incoming_publish& one) { return one.packet_id == packet.packet_id; });
  arrival.maybe_retained = maybe_retained(run, device, arrival);
  arrival.surely_retained = arrival.maybe_retained && !as_published_possible(run, device, arrival.topic) && !packet.dup;
  return arrival;
}

void note_incoming(device& device, const arrival& arrival) {
  const auto qos = static_cast<std::uint8_t>(arrival.packet.qos);
  if (qos == 0) return;
  for (auto& one : device.incoming) {
    if (one.packet_id != arrival.packet.packet_id) continue;
    one.connection = device.connection_number;
    one.at = incoming_publish::stage::arrived;
    return;
  }
  device.incoming.push_back(
      {arrival.packet.packet_id, arrival.number, qos, incoming_publish::stage::arrived, device.connection_number});
}

void note_group(run_state& run, const device& device, const arrival& arrival) {
  auto& copies = run.shared[device.group].copies;
  if (copies.size() <= arrival.number) copies.resize(arrival.number + 256);
  if (copies[arrival.number] < 255) ++copies[arrival.number];
}

}  // namespace

void on_delivery(run_state& run, device& device, const mqtt::frame& frame) {
  const auto packet = mqtt::decode_publish(frame, device.version, mqtt::sender::server);
  if (!packet) fail(run, device, "a PUBLISH that cannot be decoded");
  ++run.deliveries;
  const auto arrival = arrival_of(run, device, *packet);
  run.trace.note("arrives", device.number, arrival.number,
                 packet->packet_id * 16U + packet->dup * 8U + packet->retain * 4U + static_cast<unsigned>(packet->qos));
  if (run.trace.has_text()) {
    run.trace.say("  at " + device.id + ": message " + std::to_string(arrival.number) + " of " +
                  std::string(packet->topic) + " qos " + std::to_string(static_cast<int>(packet->qos)) + " id " +
                  std::to_string(packet->packet_id) + (packet->dup ? " DUP" : "") + (packet->retain ? " RETAIN" : ""));
  }
  check_receive_maximum(run, device, arrival);
  check_packet_id(run, device, arrival);
  note_incoming(device, arrival);
  check_asked_for(run, device, arrival);
  check_qos(run, device, arrival);
  check_no_local(run, device, arrival);
  check_retain_flag(run, device, arrival);
  check_identifiers(run, device, arrival);
  check_retained_value(run, device, arrival);
  if (arrival.number == 0 || arrival.again) return;
  auto& reception = device.received(arrival.number);
  ++reception.copies;
  // A filter granted QoS 0 may bring a message at once that another brings again from the log: one that its shard does
  // not know yet after a resumption, or whose options have changed meanwhile.
  const bool early = packet->qos == mqtt::qos::at_most_once && run.book[arrival.number].qos > 0;
  if (early) return;
  if (!arrival.maybe_retained) {
    ++reception.live;
    if (packet->qos == mqtt::qos::exactly_once) ++reception.live_exactly_once;
    if (reception.connection != device.connection_number) reception.in_connection = 0;
    reception.connection = device.connection_number;
    ++reception.in_connection;
  }
  check_copies(run, device, arrival, reception);
  check_order(run, device, arrival, reception);
  if (device.group >= 0) note_group(run, device, arrival);
}

}  // namespace headgate::sim
