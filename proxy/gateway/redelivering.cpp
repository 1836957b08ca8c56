#include "proxy/gateway/redelivering.hpp"

#include <algorithm>

#include "proxy/gateway/groups.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::inflight_slot;
using session::inflight_state;

// So many ticks make redeliver_after_s. Each session is looked at once a tick, and a tick is told from those before by
// three bits: a message is overdue for four ticks before it would look new again.
constexpr std::uint32_t ticks = 4;

bool is_overdue(const proxy_state& state, const inflight_slot& slot) {
  return ((state.silence.tick - slot.tick) & 7U) >= ticks;
}

bool is_given(const inflight_slot& slot, std::uint16_t shard, std::uint64_t offset) {
  return slot.qos == 1 && slot.state == inflight_state::sent && slot.group == inflight_slot::no_group &&
         slot.shard == shard && slot.offset == offset;
}

inflight_slot* find_given(session::session& session, std::uint16_t shard, std::uint64_t offset) {
  inflight_slot* found = nullptr;
  session.inflight.for_each([&](inflight_slot& slot, std::uint16_t) {
    if (is_given(slot, shard, offset)) found = &slot;
  });
  return found;
}

// Whether somebody else at this worker has subscribed: otherwise another worker may have somebody, and if none has the
// message waits here.
link::group_refusal refusal_of(const proxy_state& state, std::uint32_t filter) {
  return state.filters[filter].subscribers.all().size() > 1 ? link::group_refusal::none : link::group_refusal::no_room;
}

void give_overdue_back(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  auto& more = *session.more;
  session.inflight.for_each([&](inflight_slot& slot, std::uint16_t) {
    const bool is_owed = slot.group != inflight_slot::no_group && slot.qos == 1 && slot.state == inflight_state::sent;
    if (!is_owed || !is_overdue(state, slot)) return;
    const auto filter = slot.group;
    slot.group = inflight_slot::no_group;
    --more.group_undone;
    more.was_silent = true;
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

bool has_in_hand(const proxy_state& state, std::uint32_t client, std::uint16_t shard, std::uint64_t offset) {
  const auto& session = state.sessions[client];
  if (!session.more || !session.more->was_silent) return false;
  return find_given(const_cast<session::session&>(session), shard, offset) != nullptr;
}

bool leave_in_hand(proxy_state& state, std::uint32_t client, std::uint32_t filter, std::uint16_t shard,
                   std::uint64_t offset) {
  auto& session = state.sessions[client];
  if (!session.more || !session.more->was_silent) return false;
  if (session.inflight.empty()) session.more->was_silent = false;
  auto* slot = find_given(session, shard, offset);
  if (slot == nullptr) return false;
  slot->group = filter;
  slot->tick = state.silence.tick & 7U;
  ++session.more->group_undone;
  return true;
}

}  // namespace headgate::proxy::gateway
