#include "proxy/gateway/groups.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "proxy/gateway/deliver.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/group_holding.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/redelivering.hpp"
#include "proxy/gateway/rights.hpp"
#include "proxy/gateway/storing.hpp"
#include "proxy/gateway/subscribing.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::inflight_slot;
using session::inflight_state;

std::uint32_t undone_of(const session::session& session) {
  return session.more ? session.more->group_undone : 0;
}

// Whether one member can take a message of a group now.
bool can_take(proxy_state& state, const subscriber& member) {
  const auto& session = state.sessions[member.session];
  return !member.pending && !session.waits && undone_of(session) < base::max_member_undone &&
         has_room(state, member.session);
}

bool may_take(proxy_state& state, const subscriber& member, const record::record_header& record) {
  return !is_checked(state, member) || may_read(state, member.session, record);
}

// Who could get a record.
struct candidates {
  std::optional<std::uint32_t> taker;   // may be shown it, and has room: the members in turn
  std::optional<std::uint32_t> waiter;  // may be shown it, has no room: the one for whom the least waits
  std::optional<std::uint32_t> keeper;  // has it in hand already, and is silent about it
  bool any_room = false;                // of those passed over
  bool any_denied = false;              // of those passed over: may not be shown it
};

// One way through the members, from the one after the last that got something; it ends at the first that takes it.
candidates find_candidates(proxy_state& state, std::uint32_t number, const delivery& delivery) {
  auto& filter = state.filters[number];
  const auto& record = *delivery.record;
  candidates found;
  const auto members = filter.subscribers.all();
  if (state.limits.dispatch_by_topic && !members.empty()) {
    // Other bits than those by which the shard has chosen this worker.
    filter.next_member = static_cast<std::uint32_t>((record.topic_hash >> 32) % members.size());
  }
  std::size_t least = ~std::size_t{0};
  for (std::size_t tried = 0; tried < members.size(); ++tried) {
    const auto place = static_cast<std::uint32_t>((filter.next_member + tried) % members.size());
    const auto& member = members[place];
    const bool has_room = can_take(state, member);
    found.any_room |= has_room;
    if (member.pending) continue;
    if (has_in_hand(state, member.session, {delivery.place.value, number, delivery.shard})) {
      found.keeper = place;
      continue;
    }
    if (!may_take(state, member, record)) {
      found.any_denied = true;
      continue;
    }
    if (has_room) {
      filter.next_member = place + 1;
      found.taker = place;
      return found;
    }
    const auto waiting = held_by(state, member.session);
    if (waiting >= least) continue;
    least = waiting;
    found.waiter = place;
  }
  return found;
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
  auto& session = state.sessions[member.session];
  const bool is_own = grant.qos == mqtt::qos::exactly_once && !is_stored_first(session, grant.qos);
  if (!is_own) grant.group = filter;
  const auto before = session.inflight.count();
  send_above_qos0(state, member.session, grant, delivery);
  const bool sent = session.inflight.count() > before;
  if (sent && grant.qos == mqtt::qos::at_least_once) ++session.with_details().group_undone;
  // Too large for the member, or its own from now on: QoS 2 stays with the session that has it [MQTT-4.8.2-4].
  if (!sent || is_own) report_done(state, filter, delivery.shard, delivery.place.value);
}

// Nobody takes a message above QoS 0. What nobody may be shown, another worker may have somebody for.
void refuse(proxy_state& state, std::uint32_t filter, const candidates& found, const link::group_message& message,
            std::uint64_t offset) {
  auto refusal = link::group_refusal::nobody;
  if (found.waiter && message.only_here) {
    const auto& waiter = state.filters[filter].subscribers.all()[*found.waiter];
    if (hold(state, waiter.session, filter, message.shard.value, offset)) return;
  } else if (found.waiter) {
    // Without room for anything the shards hear so, and it comes again only when there is some.
    refusal = found.any_room ? link::group_refusal::no_room : link::group_refusal::none;
  } else if (found.keeper) {
    refusal = link::group_refusal::no_room;  // if nobody else takes it, it stays with the silent one
  }
  send_back(state, filter, message.shard.value, offset, refusal);
}

}  // namespace

void credit_changed(proxy_state& state, std::uint32_t filter) {
  if (state.filters[filter].credit_due) return;
  state.filters[filter].credit_due = true;
  state.credits_due.push_back(filter);
}

void members_changed(proxy_state& state, std::uint32_t filter) {
  state.filters[filter].asks_anew = true;
  credit_changed(state, filter);
}

void offer_room(proxy_state& state, std::uint32_t client) {
  const auto& session = state.sessions[client];
  if (session.shared_filters == 0) return;
  for (const auto filter : session.more->shared) credit_changed(state, filter);
  ask_for_held(state, client);
}

void send_back(proxy_state& state, std::uint32_t filter, std::uint16_t shard, std::uint64_t offset,
               link::group_refusal refusal) {
  ++state.counters.group_returns;
  state.shards[shard]->outgoing.messages.emplace_back(
      link::group_return{state.place.worker, link::filter_id{filter}, record::offset{offset}, refusal});
}

void hand_over_credits(proxy_state& state) {
  hand_over_held(state);
  for (const auto number : state.credits_due) {
    auto& filter = state.filters[number];
    filter.credit_due = false;
    const bool asks_anew = filter.asks_anew;
    filter.asks_anew = false;
    if (filter.subscribers.empty()) continue;
    std::uint32_t places = 0;
    for (const auto& member : filter.subscribers.all()) {
      places += member.pending ? 0 : group_room_of(state, member.session);
      if (places >= state.limits.max_inflight) break;
    }
    // Each shard has its part, so that all together do not give more than there is room for.
    std::uint32_t shards = 0;
    for_each_shard_of(state, filter.text.view(), [&](const shard_link&) { ++shards; });
    const auto part = (places + shards - 1) / shards;
    for_each_shard_of(state, filter.text.view(), [&](shard_link& shard) {
      shard.outgoing.messages.emplace_back(
          link::group_credit{state.place.worker, link::filter_id{number}, part, asks_anew});
    });
  }
  state.credits_due.clear();
}

std::uint32_t group_room_of(proxy_state& state, std::uint32_t client) {
  const auto& session = state.sessions[client];
  if (session.waits || !has_room(state, client)) return 0;
  constexpr auto most = base::group_places_per_member;
  return std::min<std::uint32_t>(session.window - session.inflight.count(), most - std::min(most, undone_of(session)));
}

void group_done(proxy_state& state, std::uint32_t client, inflight_slot& slot) {
  if (slot.group == inflight_slot::no_group) return;
  if (slot.qos == 1) --state.sessions[client].more->group_undone;
  report_done(state, std::exchange(slot.group, inflight_slot::no_group), slot.shard, slot.offset);
}

void give_back(proxy_state& state, std::uint32_t client, std::uint32_t filter) {
  give_back_held(state, client, filter);
  auto& session = state.sessions[client];
  session.inflight.for_each([&](inflight_slot& slot, std::uint16_t) {
    if (slot.group != filter) return;
    // A message that the client still has in hand is not its group's any more, either way. QoS 2 that is on its way
    // into the session stays there.
    if (slot.qos == 2) return group_done(state, client, slot);
    slot.group = inflight_slot::no_group;
    if (slot.state != inflight_state::sent) return;
    --session.more->group_undone;
    send_back(state, filter, slot.shard, slot.offset, link::group_refusal::none);
  });
  std::erase_if(session.more->taken_back, [&](const auto& one) { return one.filter == filter; });
}

void give_back_all(proxy_state& state, std::uint32_t client) {
  give_back_held(state, client);
  auto& session = state.sessions[client];
  session.inflight.for_each([&](const inflight_slot& slot, std::uint16_t) {
    if (slot.group == inflight_slot::no_group || slot.state != inflight_state::sent) return;
    send_back(state, slot.group, slot.shard, slot.offset, link::group_refusal::none);
  });
}

void on_group_message(proxy_state& state, const link::group_message& message, const link::stream_entry& entry,
                      std::span<const std::uint32_t> ids) {
  const auto number = ids[entry.first_id];
  auto& filter = state.filters[number];
  auto delivery = delivery_of(state, entry, message.shard, message.timestamp_ms);
  credit_changed(state, number);
  if (state.arena.wants_flush()) flush_all(state);
  held_came(state, {entry.place.value, number, message.shard.value});
  const auto found = find_candidates(state, number, delivery);
  if (found.taker) {
    const auto before = deliveries_of(state.counters);
    give(state, number, filter.subscribers.all()[*found.taker], delivery);
    const auto sent = deliveries_of(state.counters) - before;
    if (message.received_us == 0) return count_late(state, delivery, sent);
    return state.latencies.delivered(message.received_us, sent);
  }
  if (found.keeper && message.only_here) {
    const auto keeper = filter.subscribers.all()[*found.keeper].session;
    return leave_in_hand(state, keeper, {delivery.place.value, number, delivery.shard});
  }
  if (entry.record->qos() > 0) return refuse(state, number, found, message, entry.place.value);
  // Without anybody who is here and subscribed it is as any other message that nobody takes.
  if (found.waiter) {
    ++state.counters.dropped_output_full;
  } else if (found.any_denied) {
    ++state.counters.deliveries_refused;
  }
}

}  // namespace headgate::proxy::gateway
