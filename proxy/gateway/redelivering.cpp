#include "proxy/gateway/redelivering.hpp"

#include <algorithm>

#include "proxy/gateway/groups.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::held_group_message;
using session::inflight_slot;
using session::inflight_state;
using session::taken_back_message;

// So many ticks make redeliver_after_s. Each session is looked at once a tick, and a tick is told from those before by
// three bits: a message is overdue for four ticks before it would look new again.
constexpr std::uint32_t ticks = 4;

bool is_overdue(const proxy_state& state, const inflight_slot& slot) {
  return ((state.silence.tick - slot.tick) & 7U) >= ticks;
}

// Null when the client has acknowledged it since, and its packet id may be another message's.
inflight_slot* slot_of(session::session& session, const taken_back_message& one) {
  auto* slot = session.inflight.find(one.packet_id);
  if (slot == nullptr || slot->shard != one.shard || slot->offset != one.offset) return nullptr;
  return slot->group == inflight_slot::no_group ? slot : nullptr;
}

// Its place in the list, or the end: the client does not have it in hand.
auto find_in_hand(session::session& session, const held_group_message& message) {
  auto& all = session.more->taken_back;
  return std::find_if(all.begin(), all.end(), [&](const taken_back_message& one) {
    return one.offset == message.offset && one.filter == message.filter && one.shard == message.shard &&
           slot_of(session, one) != nullptr;
  });
}

// Whether somebody else at this worker has subscribed: otherwise another worker may have somebody, and if none has the
// message waits here.
link::group_refusal refusal_of(const proxy_state& state, std::uint32_t filter) {
  return state.filters[filter].subscribers.all().size() > 1 ? link::group_refusal::none : link::group_refusal::no_room;
}

void give_overdue_back(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  auto& more = *session.more;
  std::erase_if(more.taken_back, [&](const auto& one) { return slot_of(session, one) == nullptr; });
  session.inflight.for_each([&](inflight_slot& slot, std::uint16_t packet_id) {
    const bool is_owed = slot.group != inflight_slot::no_group && slot.qos == 1 && slot.state == inflight_state::sent;
    if (!is_owed || !is_overdue(state, slot)) return;
    const auto filter = slot.group;
    slot.group = inflight_slot::no_group;
    --more.group_undone;
    more.taken_back.push_back({slot.offset, filter, slot.shard, packet_id});
    ++state.counters.group_redelivered;
    send_back(state, filter, slot.shard, slot.offset, refusal_of(state, filter));
  });
}

}  // namespace

void watch_silence(proxy_state& state) {
  auto& watch = state.silence;
  const auto after_s = state.limits.redeliver_after_s;
  if (after_s == 0) {
    watch.session = silence_watch::over;
    return;
  }
  if (watch.session == silence_watch::over) {
    if (state.now_s() < watch.next_tick_s) return;
    watch.tick = (watch.tick + 1U) & 7U;
    watch.next_tick_s = state.now_s() + std::max(after_s / ticks, 1U);
    watch.session = 0;
  }
  for (auto left = base::change_walk_steps; left > 0 && watch.session < state.sessions.size(); --left) {
    const auto client = watch.session++;
    const auto& session = state.sessions[client];
    if (session.shared_filters > 0 && session.more->group_undone > 0) give_overdue_back(state, client);
  }
  if (watch.session >= state.sessions.size()) watch.session = silence_watch::over;
}

bool has_in_hand(proxy_state& state, std::uint32_t client, const held_group_message& message) {
  auto& session = state.sessions[client];
  return find_in_hand(session, message) != session.more->taken_back.end();
}

void leave_in_hand(proxy_state& state, std::uint32_t client, const held_group_message& message) {
  auto& session = state.sessions[client];
  const auto found = find_in_hand(session, message);
  auto& slot = *slot_of(session, *found);
  slot.group = message.filter;
  slot.tick = state.silence.tick & 7U;
  ++session.more->group_undone;
  session.more->taken_back.erase(found);
}

}  // namespace headgate::proxy::gateway
