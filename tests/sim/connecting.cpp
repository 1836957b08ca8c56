#include <algorithm>

#include "mqtt/connect.hpp"
#include "mqtt/disconnect.hpp"
#include "tests/sim/encoding.hpp"
#include "tests/sim/invariants.hpp"
#include "tests/sim/run_state.hpp"

namespace headgate::sim {

namespace {

// A will above QoS 0, so that the logs show it.
void draw_will(run_state& run, device& device, mqtt::connect& packet, std::string& payload) {
  device.will = {};
  if (run.settling || !run.dice.one_in(3)) return;
  message made;
  made.publisher = device.number;
  made.topic = static_cast<std::uint8_t>(run.dice.below(topics.size()));
  made.qos = static_cast<std::uint8_t>(1 + run.dice.below(2));
  made.retain = run.dice.one_in(4);
  if (made.retain && run.dice.one_in(3)) made.qos = 0;
  made.is_will = true;
  made.connection = device.connection_number;
  made.first_step = run.step;
  device.will.message = run.book.add(made);
  device.will_delay_s = device.is_v5() && run.dice.one_in(2) ? 1 + run.dice.below(60) : 0;
  payload = book::payload_of(device.will.message, run.dice.below(20));
  mqtt::will_view will;
  will.qos = static_cast<mqtt::qos>(made.qos);
  will.retain = made.retain;
  will.topic = topics[made.topic];
  will.payload = base::as_bytes(payload);
  will.delay_interval_s = device.will_delay_s;
  packet.will = will;
}

std::uint32_t expiry_of(const device& device, bool clean) {
  if (device.is_v5()) return device.expiry_s;
  return clean ? 0 : for_ever;
}

// The half-open connection stays until the server closes it, as after a change of address.
void leave_line(run_state& run, device& device) {
  auto* line = device.line;
  end_connection(run, device);
  line->abandoned = true;
  if (run.dice.one_in(2)) line->takes = run.dice.below(2000);
}

// What the server has to say of the session, or nothing where that depends on who was faster.
enum class presence : std::uint8_t { absent, present, unknown };

presence expected(run_state& run, const device& device) {
  constexpr std::uint64_t margin_ms = 5000;
  if (device.clean) return presence::absent;
  const bool persistent = expiry_of(device, false) > 0;
  if (!device.was_granted) return device.unsure && persistent ? presence::unknown : presence::absent;
  if (device.last_expiry_s == for_ever) return presence::present;
  if (device.unsure && persistent) return presence::unknown;
  if (device.last_expiry_s == 0) return presence::absent;
  if (device.last_line == nullptr || !device.last_line->ended()) return presence::unknown;
  const auto ends_ms = device.last_line->ended_ms + std::uint64_t{device.last_expiry_s} * 1000;
  if (run.server.now_ms() < ends_ms) return presence::present;
  // What a dead server did not bring to an end ends by the clock of the next one.
  const auto surely_ends_ms =
      std::max(device.last_line->ended_ms, run.server.started_ms()) + std::uint64_t{device.last_expiry_s} * 1000;
  return device.connect_ms > surely_ends_ms + margin_ms ? presence::absent : presence::unknown;
}

void keep_fate(run_state& run, device& device) {
  if (device.will.message == 0 || device.at != device::state::connected) return;
  device.will.line = device.will.over_death ? nullptr : device.line;
  device.will.wait_ms = std::uint64_t{std::min(device.will_delay_s, device.last_expiry_s)} * 1000;
  device.will.is_stored = expiry_of(device, device.clean) > 0;
  if ((device.will.over_death || device.will.is_doubtful) && !outlives_death(device.will)) return;
  device.fates.push_back(device.will);
  run.trace.say("fate of will " + std::to_string(device.will.message) + " of " + device.id);
}

// A member's own messages end with its session [MQTT-4.8.2-5]; which these are the server knows.
void lose_own(run_state& run, const device& device) {
  run.shared[device.group].lost_before = run.book.size();
}

bool may_refuse_will(const run_state& run, const device& device) {
  if (device.will.message == 0) return false;
  const auto& will = run.book[device.will.message];
  return run.rights.denied_since(device.number, will.topic, rights::access::write, will.first_step);
}

void resend(run_state& run, device& device) {
  for (const auto& publish : std::vector(device.outgoing)) {
    if (publish.received) {
      send_acknowledgement(run, device, mqtt::packet_type::pubrel, publish.packet_id);
    } else {
      send_publish(run, device, publish, true);
    }
  }
}

}  // namespace

void connect(run_state& run, device& device, bool clean) {
  if (device.at != device::state::offline) leave_line(run, device);
  device.clean = clean || device.must_be_clean;
  device.connection_number = ++run.connections;
  mqtt::connect packet;
  packet.version = device.version;
  packet.clean_start = device.clean;
  packet.client_id = device.id;
  packet.keep_alive_s = run.settling ? 0 : device.keep_alive_s;
  packet.session_expiry_interval_s = device.expiry_s;
  packet.receive_maximum = device.receive_maximum;
  std::string payload;
  draw_will(run, device, packet, payload);
  if (device.clean) {
    forget_session(run, device);
    device.must_be_clean = true;
  }
  device.worker = run.dice.below(run.server.workers());
  device.line = run.server.sockets(device.worker).connect();
  if (run.rights.on) {
    device.line->watch = [&run, &device](const mqtt::frame& frame) { check_shown(run, device, frame); };
  }
  device.connect_ms = run.server.now_ms();
  device.at = device::state::connecting;
  run.trace.note(device.clean ? "connect clean" : "connect", device.number, device.connection_number, device.worker);
  send(run, device, encoded(packet));
}

void drop(run_state& run, device& device) {
  auto& line = *device.line;
  if (device.at == device::state::connecting) {
    // A CONNECT that the server may have seen is waited for: it could still take the session from the next one.
    if (line.announced) return;
    line.broken = true;
    line.to_server.clear();
    device.at = device::state::offline;
    device.line = nullptr;
    return;
  }
  ++run.disconnections;
  if (!run.dice.one_in(2)) {
    run.trace.note("break", device.number);
    (run.dice.one_in(2) ? line.broken : line.shut) = true;
    if (line.broken) line.to_server.clear(), line.kept = 0;
    return end_connection(run, device);
  }
  mqtt::disconnect packet;
  if (device.is_v5() && run.dice.one_in(4)) packet.reason = mqtt::reason_code::disconnect_with_will;
  device.will.said_goodbye = packet.reason == mqtt::reason_code::success;
  if (device.is_v5() && device.expiry_s > 0 && run.dice.one_in(6)) {
    packet.session_expiry_interval_s = 0;
    // With a delay the will is due now if this came, and later if it did not.
    device.will.unsure |= device.will_delay_s > 0;
    // Whether it came is seen by who connects next: until then the session counts as ended.
    device.unsure = true;
    device.last_expiry_s = 0;
  }
  run.trace.note("disconnect", device.number, static_cast<std::uint64_t>(packet.reason));
  send(run, device, encoded(packet, device.version));
  line.shut = true;
  end_connection(run, device);
}

void end_connection(run_state& run, device& device) {
  if (device.at == device::state::connecting) {
    device.unsure = true;
    for (auto& fate : device.fates) {
      if (!fate.came_back && fate.wait_ms > 0) fate.unsure = true;
    }
    // What the server made of it cannot be told from an older session: the client begins anew, to be sure.
    if (!device.was_granted || device.last_expiry_s != for_ever) device.must_be_clean = true;
  }
  keep_fate(run, device);
  leave_group(run, device, false);
  if (device.at == device::state::connected) device.last_line = device.line;
  device.at = device::state::offline;
  device.line = nullptr;
  std::erase_if(device.incoming, [](const incoming_publish& one) { return one.qos == 1; });
  device.unknown_released.clear();
  for (auto& filter : device.held) {
    filter.scan_due = false;
    // Asked, and not answered: the server has it or not.
    if (filter.at == held_filter::stage::asked) filter.since_step = 0;
  }
}

// Members whose sessions may end unseen are no longer counted on.
void leave_group(run_state& run, const device& device, bool for_good) {
  if (device.group < 0) return;
  auto& group = run.shared[device.group];
  group.break_step = run.step;
  if (!for_good && device.last_expiry_s == for_ever) return;
  const bool others = std::any_of(run.devices.begin(), run.devices.end(), [&](const sim::device& other) {
    if (&other == &device || other.group != device.group) return false;
    const auto stage = other.held[filters.size()].at;
    const bool connected = other.at == device::state::connected && !other.line->ended();
    const bool sure = connected || other.last_expiry_s == for_ever;
    return stage == held_filter::stage::held && sure && !other.must_be_clean;
  });
  if (!others) group.since_step = 0;
}

void forget_session(run_state& run, device& device) {
  if (device.group >= 0) {
    lose_own(run, device);
    leave_group(run, device, true);
  }
  ++device.epoch;
  device.held = {};
  device.outgoing.clear();
  device.incoming.clear();
  device.last_sequence.assign(device.last_sequence.size(), 0);
}

void on_connack(run_state& run, device& device, const mqtt::frame& frame) {
  const auto packet = mqtt::decode_connack(frame, device.version);
  if (!packet) fail(run, device, "a CONNACK that cannot be decoded");
  if (packet->reason == mqtt::reason_code::not_authorized && may_refuse_will(run, device)) {
    run.trace.note("refused", device.number);
    return;  // the server closes
  }
  if (packet->reason != mqtt::reason_code::success) fail(run, device, "a CONNECT is refused");
  const auto expectation = expected(run, device);
  const bool tells = device.version != mqtt::version::v3_1;
  const bool present = tells ? packet->session_present : expectation == presence::present;
  run.trace.note("connack", device.number, present);
  if (tells)
    check_session_present(run, device, present, expectation == presence::present, expectation == presence::absent);
  for (auto& fate : device.fates) {
    if (fate.came_back) continue;
    fate.came_back = true;
    fate.clean = device.clean;
    fate.present = present;
    fate.sent_ms = device.connect_ms;
    fate.granted_ms = run.server.now_ms();
    if (fate.line != nullptr && !fate.line->ended())
      fail(run, device, "two connections with one client id [MQTT-3.1.4-3]");
  }
  if (!present && !device.clean) forget_session(run, device);
  if (!present && device.group >= 0) lose_own(run, device);
  device.at = device::state::connected;
  device.must_be_clean = false;
  device.is_resumed = present;
  device.was_granted = true;
  device.unsure = false;
  device.last_expiry_s = expiry_of(device, device.clean);
  device.window =
      std::min<std::uint32_t>(device.is_v5() ? device.receive_maximum : 65'535, run.server.shape().limits.max_inflight);
  device.server_receive_maximum = run.server.shape().limits.inflight_in;
  // Filters that were asked for and not answered go on being unsure; so do those being given up.
  for (auto& filter : device.held) {
    if (filter.at == held_filter::stage::asked || filter.at == held_filter::stage::ending) filter.packet_id = 0;
  }
  resend(run, device);
}

}  // namespace headgate::sim
