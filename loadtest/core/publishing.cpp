#include "loadtest/core/publishing.hpp"

#include <algorithm>

#include "loadtest/core/connections.hpp"

namespace headgate::loadtest::core {

namespace {

// Of one publisher in one turn, so that the deliveries of others do not wait behind it.
constexpr std::size_t bytes_a_turn = 256 * 1'024;

const publish_plan& plan_of_publisher(const fleet& fleet, const publisher& publisher) {
  return *plan_of(fleet, publisher.client).publish;
}

std::uint64_t slot_ns(const fleet& fleet, const publish_plan& plan, std::uint64_t slot) {
  const double offset = static_cast<double>(slot) / plan.rate * static_cast<double>(second_ns);
  return fleet.published_from_ns + static_cast<std::uint64_t>(offset);
}

bool can_send(const fleet& fleet, const publisher& publisher) {
  const client& client = fleet.clients[publisher.client];
  return client.stage == stage::ready && !client.is_leaving && !client.is_blocked;
}

// How many more messages may be under way: by the server's Receive Maximum [MQTT-4.9.0-1], and so that no packet
// identifier comes around while it is in use.
std::uint64_t ids_left(const publisher& publisher, mqtt::qos qos) {
  if (qos == mqtt::qos::at_most_once) return ~std::uint64_t{0};
  const std::uint64_t quota = publisher.receive_maximum;
  const std::uint64_t ids = publish_ids - std::min<std::uint64_t>(publisher.sent - publisher.low, publish_ids);
  return std::min(quota - std::min<std::uint64_t>(publisher.unanswered, quota), ids);
}

void remember(publisher& publisher, std::uint64_t intended_ns) {
  if (publisher.sent - publisher.low >= publisher.window.size()) {
    std::vector<in_flight> larger(std::max<std::size_t>(16, 2 * publisher.window.size()));
    for (std::uint64_t n = publisher.low; n < publisher.sent; ++n) {
      larger[n % larger.size()] = publisher.window[n % publisher.window.size()];
    }
    publisher.window.swap(larger);
  }
  ++publisher.unanswered;
  publisher.window[publisher.sent % publisher.window.size()] = {intended_ns, in_flight::exchange::sent};
}

std::uint8_t* write_next(publisher& publisher, mqtt::qos qos, std::uint64_t intended_ns, std::uint8_t* out) {
  if (qos != mqtt::qos::at_most_once) remember(publisher, intended_ns);
  const auto packet_id = static_cast<std::uint16_t>(1 + publisher.sent % publish_ids);
  out = publisher.source.write(publisher.sent, intended_ns, packet_id, false, out);
  ++publisher.sent;
  return out;
}

void flush(fleet& fleet, std::uint32_t index, std::uint64_t count, const std::uint8_t* end, std::uint64_t now_ns) {
  if (count == 0) return;
  fleet.total.sent += count;
  fleet.audit.on_sent(publisher_index(index), count, now_ns);
  send(fleet, fleet.publishers[index].client, {fleet.output.data(), end}, now_ns);
}

// Room for `count` messages, within a turn's bytes; at least one.
std::uint64_t fit_output(fleet& fleet, const publisher& publisher, std::uint64_t count) {
  const std::size_t most = publisher.source.most_bytes();
  count = std::min<std::uint64_t>(count, std::max<std::size_t>(1, bytes_a_turn / most));
  if (fleet.output.size() < count * most) fleet.output.resize(count * most);
  return count;
}

void publish_window(fleet& fleet, std::uint32_t index, const publish_plan& plan, std::uint64_t now_ns) {
  publisher& publisher = fleet.publishers[index];
  publisher.skips_slots = false;
  // To whom nobody answers, the server answers a PINGREQ when it has read the messages before it.
  const bool is_unheard = publisher.flows == 0 && publisher.parts.empty() && plan.qos == mqtt::qos::at_most_once;
  if (is_unheard && fleet.clients[publisher.client].awaits_pong) return;
  std::uint64_t unfinished = under_way(fleet, publisher);
  if (plan.qos != mqtt::qos::at_most_once) unfinished = std::max<std::uint64_t>(unfinished, publisher.unanswered);
  const std::uint64_t room =
      std::min(plan.window - std::min<std::uint64_t>(unfinished, plan.window), ids_left(publisher, plan.qos));
  if (room == 0) return;
  const std::uint64_t count = fit_output(fleet, publisher, room);
  std::uint8_t* end = fleet.output.data();
  for (std::uint64_t n = 0; n < count; ++n) end = write_next(publisher, plan.qos, now_ns, end);
  publisher.moved_ns = now_ns;
  flush(fleet, index, count, end, now_ns);
  if (is_unheard) ask_for_pong(fleet, publisher.client, now_ns);
  // Who has sent what nobody wanted goes on by itself.
  const bool has_room = !publisher.parts.empty() && under_way(fleet, publisher) < plan.window;
  if (count < room || has_room) mark_pending(fleet, index);
}

// The slots of the schedule that have come, of this publisher's client.
std::uint64_t due_slots(const fleet& fleet, const publisher& publisher) {
  const group_state& state = fleet.groups[fleet.clients[publisher.client].group];
  const std::uint64_t number = number_of(fleet, publisher.client);
  const std::uint64_t clients = state.plan->clients;
  return state.next_slot <= number ? 0 : (state.next_slot - number + clients - 1) / clients;
}

void end_blocking(fleet& fleet, publisher& publisher, std::uint64_t now_ns) {
  if (fleet.phase == phase::measuring) {
    const std::uint64_t since = std::max(publisher.blocked_ns, fleet.measured_from_ns);
    fleet.results.generator.blocked_s += static_cast<double>(now_ns - since) / static_cast<double>(second_ns);
  }
  publisher.blocked_ns = 0;
}

void publish_slots(fleet& fleet, std::uint32_t index, const publish_plan& plan, std::uint64_t now_ns) {
  publisher& publisher = fleet.publishers[index];
  const std::uint64_t due = due_slots(fleet, publisher);
  if (!can_send(fleet, publisher) && publisher.skips_slots) {
    publisher.slot = due;
    return;
  }
  publisher.skips_slots = false;
  if (publisher.slot >= due) return;
  const std::uint64_t room =
      can_send(fleet, publisher) ? std::min(due - publisher.slot, ids_left(publisher, plan.qos)) : 0;
  if (room != 0) {
    const bool was_blocked = publisher.blocked_ns != 0;
    if (was_blocked) end_blocking(fleet, publisher, now_ns);
    const group_state& state = fleet.groups[fleet.clients[publisher.client].group];
    const std::uint64_t number = number_of(fleet, publisher.client);
    const std::uint64_t count = fit_output(fleet, publisher, room);
    std::uint8_t* end = fleet.output.data();
    for (std::uint64_t n = 0; n < count; ++n) {
      const std::uint64_t intended_ns = slot_ns(fleet, plan, publisher.slot++ * state.plan->clients + number);
      if (!was_blocked && fleet.phase == phase::measuring) fleet.results.generator.lag.record(now_ns - intended_ns);
      end = write_next(publisher, plan.qos, intended_ns, end);
    }
    flush(fleet, index, count, end, now_ns);
    if (count < room) mark_pending(fleet, index);
  }
  if (publisher.slot < due && !publisher.is_pending && publisher.blocked_ns == 0) publisher.blocked_ns = now_ns;
}

void publish_some(fleet& fleet, std::uint32_t index, std::uint64_t now_ns) {
  const publish_plan& plan = plan_of_publisher(fleet, fleet.publishers[index]);
  if (plan.rate > 0) {
    publish_slots(fleet, index, plan, now_ns);
  } else if (can_send(fleet, fleet.publishers[index])) {
    publish_window(fleet, index, plan, now_ns);
  }
}

}  // namespace

void mark_pending(fleet& fleet, std::uint32_t index) {
  publisher& publisher = fleet.publishers[index];
  if (publisher.is_pending) return;
  publisher.is_pending = true;
  fleet.pending.push_back(index);
}

void publish_due(fleet& fleet, std::uint64_t now_ns) {
  if (!is_publishing(fleet)) return;
  if (fleet.windows_are_stale && fleet.has_windows) renew_windows(fleet);
  // Those marked anew meanwhile are for the next turn.
  fleet.turn_pending.swap(fleet.pending);
  for (const std::uint32_t index : fleet.turn_pending) {
    fleet.publishers[index].is_pending = false;
    publish_some(fleet, index, now_ns);
  }
  fleet.turn_pending.clear();
  for (group_state& state : fleet.groups) {
    if (!state.plan->publish || state.plan->publish->rate <= 0) continue;
    while (slot_ns(fleet, *state.plan->publish, state.next_slot) <= now_ns) {
      const auto number = static_cast<std::uint32_t>(state.next_slot++ % state.plan->clients);
      publish_some(fleet, state.first_publisher + number, now_ns);
    }
  }
}

void skip_slots(fleet& fleet, std::uint32_t index, std::uint64_t now_ns) {
  publisher& publisher = fleet.publishers[index];
  if (publisher.blocked_ns != 0) end_blocking(fleet, publisher, now_ns);
  publisher.skips_slots = true;
}

void close_schedules(fleet& fleet, std::uint64_t now_ns) {
  for (publisher& publisher : fleet.publishers) {
    if (plan_of_publisher(fleet, publisher).rate <= 0 || publisher.skips_slots) continue;
    if (publisher.blocked_ns != 0) end_blocking(fleet, publisher, now_ns);
    const std::uint64_t due = due_slots(fleet, publisher);
    fleet.results.unsent += due - std::min(due, publisher.slot);
  }
}

std::uint64_t next_publish_ns(const fleet& fleet) {
  if (!is_publishing(fleet)) return for_ever;
  if (!fleet.pending.empty()) return 0;
  std::uint64_t earliest = for_ever;
  for (const group_state& state : fleet.groups) {
    if (!state.plan->publish || state.plan->publish->rate <= 0) continue;
    earliest = std::min(earliest, slot_ns(fleet, *state.plan->publish, state.next_slot));
  }
  return earliest;
}

}  // namespace headgate::loadtest::core
