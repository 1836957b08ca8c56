#include <algorithm>

#include "loadtest/core/connections.hpp"
#include "mqtt/ping.hpp"

namespace headgate::loadtest::core {

namespace {

// How long a server may take to close after DISCONNECT.
constexpr std::uint64_t leaving_patience_ns = 5 * second_ns;

bool rings_later(const timer_entry& a, const timer_entry& b) {
  return a.due_ns > b.due_ns;
}

void file(fleet& fleet, std::uint32_t index, std::uint64_t due_ns) {
  fleet.clients[index].filed_ns = due_ns;
  fleet.timers.push_back({due_ns, index});
  std::ranges::push_heap(fleet.timers, rings_later);
}

std::uint64_t keep_alive_ns(const fleet& fleet, std::uint32_t index) {
  const std::uint16_t seconds = fleet.clients[index].keep_alive_s;
  return seconds == 0 ? for_ever : seconds * second_ns;
}

std::uint64_t due_of(const fleet& fleet, std::uint32_t index) {
  const client& client = fleet.clients[index];
  if (client.stage == stage::greeting) return client.began_ns + fleet.plan.measuring.stall_ns;
  if (!is_connected(client)) return client.due_ns;
  if (client.is_leaving) return client.sent_ns + leaving_patience_ns;
  if (client.stage == stage::subscribing) return client.sent_ns + fleet.plan.measuring.stall_ns;
  const std::uint64_t alive = keep_alive_ns(fleet, index);
  return std::min(client.until_ns, alive == for_ever ? for_ever : client.sent_ns + alive);
}

void ring(fleet& fleet, std::uint32_t index, std::uint64_t now_ns) {
  client& client = fleet.clients[index];
  if (client.stage == stage::away) {
    begin_connection(fleet, index, now_ns);
  } else if (client.stage == stage::greeting) {
    drop(fleet, index, departure::unanswered, "no CONNACK in time", now_ns);
  } else if (client.is_leaving) {
    drop(fleet, index, departure::by_plan, {}, now_ns);
  } else if (client.stage == stage::subscribing) {
    drop(fleet, index, departure::unanswered, "no SUBACK in time", now_ns);
  } else if (client.stage == stage::ready && client.until_ns <= now_ns) {
    begin_leaving(fleet, index, now_ns);
  } else if (client.stage == stage::ready && client.awaits_pong) {
    drop(fleet, index, departure::unanswered, "no PINGRESP in time", now_ns);
  } else if (client.stage == stage::ready) {
    ask_for_pong(fleet, index, now_ns);
    arm(fleet, index);
  }
}

}  // namespace

void ask_for_pong(fleet& fleet, std::uint32_t index, std::uint64_t now_ns) {
  fleet.clients[index].awaits_pong = true;
  send(fleet, index, mqtt::pingreq, now_ns);
}

void send(fleet& fleet, std::uint32_t index, base::bytes data, std::uint64_t now_ns) {
  client& client = fleet.clients[index];
  client.sent_ns = now_ns;
  if (!fleet.wire.send(index, data)) client.is_blocked = true;
}

// An entry that rings too early files itself anew, so that a client that sends all the time costs nothing here.
void set_timer(fleet& fleet, std::uint32_t index, std::uint64_t due_ns) {
  client& client = fleet.clients[index];
  client.due_ns = due_ns;
  if (due_ns < client.filed_ns) file(fleet, index, due_ns);
}

void arm(fleet& fleet, std::uint32_t index) {
  set_timer(fleet, index, due_of(fleet, index));
}

void ring_timers(fleet& fleet, std::uint64_t now_ns) {
  while (!fleet.timers.empty() && fleet.timers.front().due_ns <= now_ns) {
    const timer_entry entry = fleet.timers.front();
    std::ranges::pop_heap(fleet.timers, rings_later);
    fleet.timers.pop_back();
    client& client = fleet.clients[entry.client];
    if (client.filed_ns != entry.due_ns) continue;  // an earlier one took its place
    client.filed_ns = for_ever;
    client.due_ns = due_of(fleet, entry.client);
    if (client.due_ns <= now_ns) {
      client.due_ns = for_ever;
      ring(fleet, entry.client, now_ns);
    } else if (client.due_ns != for_ever) {
      file(fleet, entry.client, client.due_ns);
    }
  }
}

std::uint64_t jittered(fleet& fleet, std::uint64_t base_ns, double jitter) {
  if (base_ns == 0 || base_ns == for_ever || jitter == 0) return base_ns;
  const double share = static_cast<double>(fleet.random.next() >> 11) / static_cast<double>(1ULL << 53);
  return static_cast<std::uint64_t>(static_cast<double>(base_ns) * (1 - jitter * share));
}

}  // namespace headgate::loadtest::core
