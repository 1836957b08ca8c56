#include <algorithm>

#include "loadtest/core/connections.hpp"
#include "loadtest/core/phases.hpp"
#include "loadtest/core/publishing.hpp"
#include "mqtt/disconnect.hpp"

namespace headgate::loadtest::core {

namespace {

void on_disconnect(fleet& fleet, std::uint32_t index, const packet& found, std::uint64_t now_ns) {
  const auto said = mqtt::decode_disconnect({mqtt::packet_type::disconnect, 0, {found.body, found.size}},
                                            plan_of(fleet, index).version, mqtt::sender::server);
  const std::string reason =
      said ? std::string(mqtt::name_of(said->reason)) : std::string("with what cannot be decoded");
  drop(fleet, index, departure::by_server, "DISCONNECT: " + reason, now_ns);
}

void on_packet(fleet& fleet, std::uint32_t index, const packet& found, std::uint64_t now_ns) {
  if (!is_connected(fleet.clients[index]) && found.type() != mqtt::packet_type::connack) {
    drop(fleet, index, departure::by_server, "a packet before CONNACK", now_ns);
    return;
  }
  switch (found.type()) {
    case mqtt::packet_type::connack:
      return on_connack(fleet, index, found, now_ns);
    case mqtt::packet_type::puback:
    case mqtt::packet_type::pubrec:
    case mqtt::packet_type::pubcomp:
      return on_acknowledgement(fleet, index, found, now_ns);
    case mqtt::packet_type::pubrel:
      return on_pubrel(fleet, index, found);
    case mqtt::packet_type::suback:
      return on_suback(fleet, index, found, now_ns);
    case mqtt::packet_type::unsuback:
      return on_unsuback(fleet, index, now_ns);
    case mqtt::packet_type::pingresp:
      fleet.clients[index].awaits_pong = false;
      if (fleet.clients[index].publisher == none) return;
      ++fleet.total.pongs;
      return mark_pending(fleet, fleet.clients[index].publisher);
    case mqtt::packet_type::disconnect:
      return on_disconnect(fleet, index, found, now_ns);
    default:
      drop(fleet, index, departure::by_server, "a packet that no server sends", now_ns);
  }
}

bool is_open(const client& client) {
  return client.stage == stage::greeting || is_connected(client);
}

}  // namespace

std::size_t on_bytes(fleet& fleet, std::uint32_t index, base::bytes data, std::uint64_t now_ns) {
  const std::uint8_t* at = data.data();
  const std::uint8_t* const end = at + data.size();
  const client& client = fleet.clients[index];
  fleet.answers.clear();
  bool length_is_wrong = false;
  packet found;
  while (const std::uint8_t* next = split_packet(at, end, found, length_is_wrong)) {
    at = next;
    if (found.type() == mqtt::packet_type::publish && is_connected(client)) [[likely]] {
      on_delivery(fleet, index, found, now_ns);
    } else {
      on_packet(fleet, index, found, now_ns);
    }
    if (!is_open(client)) return data.size();
  }
  if (length_is_wrong) {
    drop(fleet, index, departure::by_server, "a Remaining Length of five bytes", now_ns);
    return data.size();
  }
  // After DISCONNECT nothing may be sent [MQTT-3.14.4-2].
  if (!fleet.answers.empty() && !client.is_leaving) send(fleet, index, fleet.answers, now_ns);
  return static_cast<std::size_t>(at - data.data());
}

void on_writable(fleet& fleet, std::uint32_t index, std::uint64_t /*now_ns*/) {
  client& client = fleet.clients[index];
  client.is_blocked = false;
  if (client.publisher != none) mark_pending(fleet, client.publisher);
}

void on_turn(fleet& fleet, std::uint64_t now_ns) {
  fleet.turn_ns = now_ns;
  ring_timers(fleet, now_ns);
  call_clients(fleet, now_ns);
  churn_due(fleet, now_ns);
  publish_due(fleet, now_ns);
  step_phase(fleet, now_ns);
}

std::uint64_t next_due_ns(const fleet& fleet, std::uint64_t now_ns) {
  std::uint64_t earliest = next_phase_ns(fleet, now_ns);
  if (!fleet.timers.empty()) earliest = std::min(earliest, fleet.timers.front().due_ns);
  earliest = std::min(earliest, next_call_ns(fleet));
  earliest = std::min(earliest, next_churn_ns(fleet));
  return std::min(earliest, next_publish_ns(fleet));
}

}  // namespace headgate::loadtest::core
