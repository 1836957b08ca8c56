#include "proxy/gateway/groups.hpp"

#include <algorithm>
#include <optional>

#include "proxy/gateway/deliver.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/rights.hpp"
#include "proxy/gateway/subscribing.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::inflight_slot;
using session::inflight_state;

// The shards hear of its credit at the turn's end.
void tell_credit(proxy_state& state, std::uint32_t filter) {
  if (state.filters[filter].credit_due) return;
  state.filters[filter].credit_due = true;
  state.credits_due.push_back(filter);
}

// What one member can take of a group now.
std::uint32_t room_of(proxy_state& state, const subscriber& member) {
  const auto& session = state.sessions[member.session];
  if (member.pending || session.waits || !has_room(state, member.session)) return 0;
  return std::min<std::uint32_t>(session.window - session.inflight.count(), base::group_places_per_member);
}

bool may_take(proxy_state& state, const subscriber& member, const record::record_header& record) {
  return !is_checked(state, member) || may_read(state, member.session, record);
}

// The members in turn, from the one after the last that got something; one that may not be shown the record is passed
// over.
std::optional<std::uint32_t> next_member(proxy_state& state, filter_entry& filter,
                                         const record::record_header& record) {
  const auto members = filter.subscribers.all();
  for (std::size_t tried = 0; tried < members.size(); ++tried) {
    const auto place = (filter.next_member + tried) % members.size();
    if (room_of(state, members[place]) == 0 || !may_take(state, members[place], record)) continue;
    filter.next_member = static_cast<std::uint32_t>(place + 1);
    return static_cast<std::uint32_t>(place);
  }
  return std::nullopt;
}

bool has_any_room(proxy_state& state, const filter_entry& filter) {
  const auto members = filter.subscribers.all();
  return std::any_of(members.begin(), members.end(),
                     [&](const subscriber& member) { return room_of(state, member) > 0; });
}

// Whether there are members, of which none may be shown the record, with or without room for it.
bool is_nobodys(proxy_state& state, const filter_entry& filter, const record::record_header& record) {
  const auto members = filter.subscribers.all();
  return !members.empty() && std::none_of(members.begin(), members.end(),
                                          [&](const subscriber& member) { return may_take(state, member, record); });
}

void send_back(proxy_state& state, std::uint32_t filter, std::uint16_t shard, std::uint64_t offset) {
  ++state.counters.group_returns;
  state.shards[shard]->outgoing.messages.emplace_back(
      link::group_return{state.place.worker, link::filter_id{filter}, record::offset{offset}});
}

void report_done(proxy_state& state, std::uint32_t filter, std::uint16_t shard, std::uint64_t offset) {
  state.shards[shard]->outgoing.messages.emplace_back(
      link::group_done{state.place.worker, link::filter_id{filter}, record::offset{offset}});
}

void give(proxy_state& state, std::uint32_t filter, const subscriber& member, delivery& delivery) {
  grant grant{mqtt::lower(member.maximum_qos, static_cast<mqtt::qos>(delivery.record->qos())),
              member.retain_as_published && delivery.record->is_retained(),
              {}};
  if (member.identifier != 0) grant.identifiers = {&member.identifier, 1};
  const bool tracked = delivery.record->qos() > 0;
  if (grant.qos == mqtt::qos::at_most_once) {
    deliver_qos0(state, member.session, grant, delivery);
    if (tracked) report_done(state, filter, delivery.shard, delivery.place.value);
    return;
  }
  grant.group = filter;
  const auto before = state.sessions[member.session].inflight.count();
  send_above_qos0(state, member.session, grant, delivery);
  const bool sent = state.sessions[member.session].inflight.count() > before;
  // Too large for the member, or its own from now on: QoS 2 stays with the session that has it [MQTT-4.8.2-4].
  if (!sent || grant.qos == mqtt::qos::exactly_once) report_done(state, filter, delivery.shard, delivery.place.value);
}

}  // namespace

void credit_changed(proxy_state& state, std::uint32_t filter) {
  state.filters[filter].starved = false;
  tell_credit(state, filter);
}

void offer_room(proxy_state& state, std::uint32_t client) {
  const auto& session = state.sessions[client];
  if (session.shared_filters == 0) return;
  for (const auto filter : session.more->shared) credit_changed(state, filter);
}

void hand_over_credits(proxy_state& state) {
  for (const auto number : state.credits_due) {
    auto& filter = state.filters[number];
    filter.credit_due = false;
    if (filter.subscribers.empty()) continue;
    std::uint32_t places = 0;
    for (const auto& member : filter.subscribers.all()) {
      if (filter.starved) break;
      places += room_of(state, member);
      if (places >= state.limits.max_inflight) break;
    }
    // Each shard has its part, so that all together do not give more than there is room for.
    std::uint32_t shards = 0;
    for_each_shard_of(state, filter.text.view(), [&](const shard_link&) { ++shards; });
    const auto part = (places + shards - 1) / shards;
    for_each_shard_of(state, filter.text.view(), [&](shard_link& shard) {
      shard.outgoing.messages.emplace_back(link::group_credit{state.place.worker, link::filter_id{number}, part});
    });
  }
  state.credits_due.clear();
}

void group_done(proxy_state& state, const inflight_slot& slot) {
  if (slot.group == inflight_slot::no_group || slot.qos != 1) return;
  report_done(state, slot.group, slot.shard, slot.offset);
}

void give_back(proxy_state& state, std::uint32_t client, std::uint32_t filter) {
  auto& session = state.sessions[client];
  session.inflight.for_each([&](inflight_slot& slot, std::uint16_t) {
    if (slot.group != filter) return;
    // A message that the client still has in hand is not its group's any more, either way.
    slot.group = inflight_slot::no_group;
    if (slot.qos == 1 && slot.state == inflight_state::sent) send_back(state, filter, slot.shard, slot.offset);
  });
}

void give_back_all(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  session.inflight.for_each([&](const inflight_slot& slot, std::uint16_t) {
    if (slot.group == inflight_slot::no_group || slot.qos != 1 || slot.state != inflight_state::sent) return;
    send_back(state, slot.group, slot.shard, slot.offset);
  });
}

void on_group_message(proxy_state& state, const link::group_message& message, const link::stream_entry& entry,
                      std::span<const std::uint32_t> ids) {
  const auto number = ids[entry.first_id];
  auto& filter = state.filters[number];
  auto delivery = delivery_of(state, entry, message.shard, message.timestamp_ms);
  tell_credit(state, number);
  if (state.arena.wants_flush()) flush_all(state);
  if (const auto place = next_member(state, filter, *entry.record)) {
    const auto before = deliveries_of(state.counters);
    give(state, number, filter.subscribers.all()[*place], delivery);
    const auto sent = deliveries_of(state.counters) - before;
    if (message.received_us == 0) return count_late(state, delivery, sent);
    return state.latencies.delivered(message.received_us, sent);
  }
  const bool tracked = entry.record->qos() > 0;
  if (is_nobodys(state, filter, *entry.record)) {
    // It ends here, so that the group goes on: given back it might come again and again.
    ++state.counters.deliveries_refused;
    if (tracked) report_done(state, number, message.shard.value, entry.place.value);
  } else if (tracked) {
    // Whoever may read it has no room, and it would come again at once as long as others have: nothing more is asked
    // for until somebody has more room, or may do more.
    filter.starved = has_any_room(state, filter);
    send_back(state, number, message.shard.value, entry.place.value);
  } else {
    ++state.counters.dropped_output_full;
  }
}

}  // namespace headgate::proxy::gateway
