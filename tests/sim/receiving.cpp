#include <algorithm>

#include "mqtt/acknowledgement.hpp"
#include "mqtt/disconnect.hpp"
#include "mqtt/suback.hpp"
#include "mqtt/unsuback.hpp"
#include "tests/sim/run_state.hpp"

namespace headgate::sim {

namespace {

struct acknowledged_id {
  std::uint16_t id = 0;
  bool refused = false;  // by the device's rights
  bool no_room = false;  // a disk is full
};

acknowledged_id answered(run_state& run, const device& device, const mqtt::frame& frame) {
  const auto packet = mqtt::decode_acknowledgement(frame, device.version);
  if (!packet) fail(run, device, "an acknowledgement that cannot be decoded");
  run.trace.note("acknowledged", device.number, static_cast<std::uint64_t>(frame.type), packet->packet_id);
  const bool refused = run.rights.on && packet->reason == mqtt::reason_code::not_authorized;
  const bool failed = packet->reason >= mqtt::reason_code::unspecified_error;
  const bool no_room = run.options.kills && packet->reason == mqtt::reason_code::quota_exceeded;
  if (frame.type != mqtt::packet_type::pubcomp && failed && !refused && !no_room) {
    fail(run, device, "a publish is refused");
  }
  return {packet->packet_id, refused, no_room};
}

// Whether the device might not write to the topic at some time since it sent the message.
bool may_be_refused(const run_state& run, const device& device, const message& message) {
  return run.rights.denied_since(device.number, message.topic, rights::access::write, message.first_step);
}

std::vector<outgoing_publish>::iterator find_outgoing(run_state& run, device& device, std::uint16_t id,
                                                      bool exactly_once) {
  const auto found = std::find_if(device.outgoing.begin(), device.outgoing.end(), [&](const outgoing_publish& one) {
    return one.packet_id == id && (one.qos == 2) == exactly_once;
  });
  if (found == device.outgoing.end()) fail(run, device, "an acknowledgement of nothing [MQTT-4.3.2-2]");
  return found;
}

// It has to be safe by then: in its log. (The PUBREC for a QoS 2 publish that came again does not wait for that.)
void note_acked(run_state& run, const device& device, const outgoing_publish& publish) {
  auto& message = run.book[publish.message];
  if (message.acked_step == 0) message.acked_step = run.step;
  const bool came_again = message.qos == 2 && message.sends > 1;
  if (message.logged == 0 && !message.clears && !came_again && !may_be_refused(run, device, message))
    fail(run, device, "acknowledged, and in no log");
}

// Nothing more comes of it: at QoS 2 no PUBREL [MQTT-4.3.3-4].
void on_refused(run_state& run, device& device, std::vector<outgoing_publish>::iterator found) {
  if (!may_be_refused(run, device, run.book[found->message]))
    fail(run, device, "a publish is refused that it may make");
  device.outgoing.erase(found);
}

void on_puback(run_state& run, device& device, const mqtt::frame& frame) {
  const auto answer = answered(run, device, frame);
  const auto found = find_outgoing(run, device, answer.id, false);
  if (answer.refused) return on_refused(run, device, found);
  if (!answer.no_room) note_acked(run, device, *found);
  device.outgoing.erase(found);
}

void on_pubrec(run_state& run, device& device, const mqtt::frame& frame) {
  const auto answer = answered(run, device, frame);
  const auto found = find_outgoing(run, device, answer.id, true);
  if (answer.refused) return on_refused(run, device, found);
  if (answer.no_room) {
    device.outgoing.erase(found);
    return;
  }
  note_acked(run, device, *found);
  found->received = true;
  send_acknowledgement(run, device, mqtt::packet_type::pubrel, found->packet_id);
}

void on_pubcomp(run_state& run, device& device, const mqtt::frame& frame) {
  const auto found = find_outgoing(run, device, answered(run, device, frame).id, true);
  if (!found->received) fail(run, device, "PUBCOMP without PUBREL [MQTT-4.3.3-11]");
  device.outgoing.erase(found);
}

void on_pubrel(run_state& run, device& device, const mqtt::frame& frame) {
  const auto id = answered(run, device, frame).id;
  for (auto& one : device.incoming) {
    if (one.packet_id != id || one.qos != 2) continue;
    one.at = incoming_publish::stage::released;
    one.connection = device.connection_number;
    return;
  }
  device.unknown_released.push_back(id);
}

// The device may read nothing of it, or could not at some time since it asked. What it held before it holds still; what
// the server made of SUBSCRIBEs that were not answered stays unknown.
void on_subscribe_refused(run_state& run, const device& device, std::size_t n, held_filter& filter) {
  for (std::size_t topic = 0; topic < topics.size(); ++topic) {
    if (!run.matches(device, n, topic)) continue;
    if (!run.rights.denied_since(device.number, topic, rights::access::read, filter.request_step)) {
      fail(run, device, "a SUBSCRIBE is refused of which it may read something");
    }
  }
  run.trace.note("subscribe refused", device.number, n);
  filter.packet_id = 0;
  filter.since_step = 0;
  filter.scan_due = false;
  filter.at = filter.was_held     ? held_filter::stage::held
              : filter.was_unsure ? held_filter::stage::asked
                                  : held_filter::stage::none;
}

void on_suback(run_state& run, device& device, const mqtt::frame& frame) {
  const auto packet = mqtt::decode_suback(frame, device.version);
  if (!packet || packet->reasons.size() != 1) fail(run, device, "not a SUBACK for one filter [MQTT-3.8.4-6]");
  for (std::size_t n = 0; n < device.held.size(); ++n) {
    auto& filter = device.held[n];
    if (filter.at != held_filter::stage::asked || filter.packet_id != packet->packet_id) continue;
    const auto refusal = device.is_v5() ? mqtt::reason_code::not_authorized : mqtt::reason_code::unspecified_error;
    if (run.rights.on && packet->reasons[0] == refusal) return on_subscribe_refused(run, device, n, filter);
    run.trace.note("suback", device.number, n);
    if (static_cast<std::uint8_t>(packet->reasons[0]) != filter.asked.qos) fail(run, device, "not the QoS asked for");
    filter.at = held_filter::stage::held;
    filter.packet_id = 0;
    if (filter.is_first) filter.last = filter.asked;
    filter.options = filter.asked;
    filter.changed_step = run.step;
    if (filter.since_step == 0 && filter.options.qos > 0) filter.since_step = run.step;
    // One that comes out of a connection which has ended may be from a server that is dead.
    if (n == filters.size() && run.shared[device.group].since_step == 0 && !device.line->ended()) {
      run.shared[device.group].since_step = run.step;
    }
    return;
  }
  fail(run, device, "a SUBACK for nothing [MQTT-3.8.4-2]");
}

void on_unsuback(run_state& run, device& device, const mqtt::frame& frame) {
  const auto packet = mqtt::decode_unsuback(frame, device.version);
  if (!packet) fail(run, device, "an UNSUBACK that cannot be decoded");
  for (std::size_t n = 0; n < device.held.size(); ++n) {
    auto& filter = device.held[n];
    if (filter.at != held_filter::stage::ending || filter.packet_id != packet->packet_id) continue;
    run.trace.note("unsuback", device.number);
    // What came while UNSUBSCRIBE was on its way, and was not acknowledged, is another member's since the server has
    // it.
    if (n == filters.size()) run.shared[device.group].break_step = run.step;
    filter.at = held_filter::stage::none;
    filter.packet_id = 0;
    filter.ended_step = run.step;
    return;
  }
  fail(run, device, "an UNSUBACK for nothing [MQTT-3.10.4-4]");
}

void on_disconnect(run_state& run, device& device, const mqtt::frame& frame) {
  const auto packet = mqtt::decode_disconnect(frame, device.version, mqtt::sender::server);
  if (!packet) fail(run, device, "a DISCONNECT that cannot be decoded");
  run.trace.note("server disconnects", device.number, static_cast<std::uint64_t>(packet->reason));
  const bool stopped = run.options.kills && packet->reason == mqtt::reason_code::server_shutting_down;
  const bool expected = stopped || packet->reason == mqtt::reason_code::keep_alive_timeout ||
                        packet->reason == mqtt::reason_code::quota_exceeded;
  if (!expected) fail(run, device, "sent away without a reason: " + std::string(mqtt::name_of(packet->reason)));
}

void dispatch(run_state& run, device& device, const mqtt::frame& frame) {
  if (device.at == device::state::connecting) {
    if (frame.type != mqtt::packet_type::connack) fail(run, device, "not a CONNACK first [MQTT-3.2.0-1]");
    return on_connack(run, device, frame);
  }
  switch (frame.type) {
    case mqtt::packet_type::publish:
      return on_delivery(run, device, frame);
    case mqtt::packet_type::puback:
      return on_puback(run, device, frame);
    case mqtt::packet_type::pubrec:
      return on_pubrec(run, device, frame);
    case mqtt::packet_type::pubrel:
      return on_pubrel(run, device, frame);
    case mqtt::packet_type::pubcomp:
      return on_pubcomp(run, device, frame);
    case mqtt::packet_type::suback:
      return on_suback(run, device, frame);
    case mqtt::packet_type::unsuback:
      return on_unsuback(run, device, frame);
    case mqtt::packet_type::disconnect:
      return on_disconnect(run, device, frame);
    case mqtt::packet_type::pingresp:
      return;
    default:
      fail(run, device, "a packet that no server sends");
  }
}

}  // namespace

void receive(run_state& run, device& device) {
  auto& line = *device.line;
  run.trace.note_bytes(line.to_client);
  std::size_t done = 0;
  while (done < line.to_client.size()) {
    const auto found = mqtt::next_frame(base::as_bytes(line.to_client).subspan(done), 1U << 24, device.version);
    if (found.what == mqtt::frame_outcome::kind::malformed) fail(run, device, "bytes that are no packet");
    if (found.what == mqtt::frame_outcome::kind::incomplete) break;
    done += found.size;
    dispatch(run, device, found.packet);
  }
  line.to_client.erase(0, done);
  const bool over = line.ended() && line.pending.empty();
  if (!over) return;
  run.trace.note("closed by the server", device.number);
  ++run.disconnections;
  line.shut = true;
  end_connection(run, device);
}

}  // namespace headgate::sim
