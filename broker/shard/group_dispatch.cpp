#include "broker/shard/group_dispatch.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "broker/shard/group_log.hpp"

namespace headgate::broker::shard {

namespace {

constexpr std::uint64_t parked_asked_every_ms = 1000;

// A batch has many messages for a worker, and is kept for it once.
std::uint32_t keep_once(link::worker_inbox& inbox, const record::batch_ref& batch) {
  if (!inbox.batches.empty()) {
    const auto& last = inbox.batches.back();
    if (last.memory == batch.memory && last.begin == batch.begin) {
      return static_cast<std::uint32_t>(inbox.batches.size() - 1);
    }
  }
  return inbox.keep(batch);
}

// The next in turn for which it is true, or null.
template <class IsWanted>
group_member* next_member(shared_group& group, IsWanted is_wanted) {
  const auto count = group.members.size();
  for (std::size_t n = 0; n < count; ++n) {
    if (group.turn >= count) group.turn = 0;
    auto& member = group.members[group.turn++];
    if (is_wanted(member)) return &member;
  }
  return nullptr;
}

}  // namespace

void dispatch_hits(shard_state& state, const undelivered_batch& delivered, inboxes& workers) {
  for (const auto& hit : state.groups.hits) {
    auto& group = state.groups.all[hit.group];
    const bool tracked = hit.placed.record->qos() > 0;
    if (tracked && group.behind) continue;
    auto* member = find_member(state, group, *hit.placed.record);
    if (!tracked) {
      if (member != nullptr) {
        give(state, {member}, delivered.batch, hit.placed, delivered.received_us, workers);
      } else {
        ++state.counters.group_qos0_dropped;
      }
    } else if (member == nullptr || group.undone.size() >= base::max_group_undone) {
      fall_behind(state, hit.group, hit.placed.place);
    } else {
      group.undone.give(hit.placed.place, member->holder);
      note_change(state.groups, hit.group);
      give(state, {member}, delivered.batch, hit.placed, delivered.received_us, workers);
    }
  }
  state.groups.hits.clear();
}

void fall_behind(shard_state& state, std::uint32_t number, record::offset next) {
  auto& group = state.groups.all[number];
  if (group.behind) return;
  group.behind = true;
  group.next = next;
  state.groups.behind.push_back(number);
}

group_member* find_member(const shard_state& state, shared_group& group, const record::record_header& record) {
  if (state.dispatch_by_topic && !group.members.empty()) group.turn = record.topic_hash % group.members.size();
  return next_member(group, [](const group_member& member) { return member.credit > 0; });
}

taker find_taker(shared_group& group, const undone_set::refusals& refusals) {
  const auto refused = [&](const group_member& member) { return refusals.has(member.holder.worker); };
  auto* ready = next_member(group, [&](const group_member& member) { return member.credit > 0 && !refused(member); });
  if (ready != nullptr || refusals.all == 0) return {ready};
  auto* unasked = next_member(group, [&](const group_member& member) { return !refused(member); });
  if (unasked != nullptr) return {unasked, true};
  return {next_member(group, [&](const auto& member) { return refusals.can_wait_at(member.holder.worker); }), true};
}

bool is_nobodys(const shared_group& group, const undone_set::refusals& refusals) {
  return !group.members.empty() &&
         std::all_of(group.members.begin(), group.members.end(), [&](const group_member& member) {
           return refusals.has(member.holder.worker) && !refusals.can_wait_at(member.holder.worker);
         });
}

void set_aside(shard_state& state, std::uint32_t number, record::offset place, std::uint64_t clock_ms) {
  auto& undone = state.groups.all[number].undone;
  const auto parked = undone.parked();
  if (clock_ms >= state.groups.all[number].lingers_until_ms || parked >= base::max_group_held) {
    ++state.counters.group_refused;
    note_change(state.groups, number);
    return undone.drop_returned(place);
  }
  if (parked == 0) state.groups.parked.push_back(number);
  ++state.counters.group_parked;
  undone.park(place);
}

void ask_for_parked(shared_group& group) {
  if (group.undone.parked() > 0) group.asks_parked = true;
}

void run_parked(shard_state& state, std::uint64_t clock_ms) {
  std::erase_if(state.groups.parked, [&](std::uint32_t number) {
    auto& group = state.groups.all[number];
    // Who came in time is asked, though it is over since.
    const bool is_over = clock_ms >= group.lingers_until_ms;
    if (is_over && !group.asks_parked) {
      state.counters.group_refused += group.undone.drop_parked();
      note_change(state.groups, number);
      return true;
    }
    if (!group.asks_parked || (!is_over && clock_ms < group.next_asked_ms)) return false;
    group.asks_parked = false;
    group.next_asked_ms = clock_ms + parked_asked_every_ms;
    group.undone.unpark();
    fall_behind(state, number, state.delivered);
    return true;
  });
}

void give(shard_state& state, const taker& taker, const record::batch_ref& batch, const placed_record& placed,
          std::uint64_t received_us, inboxes& workers) {
  auto& member = *taker.member;
  HEADGATE_ASSERT(member.credit > 0 || taker.only_here);
  if (member.credit > 0) --member.credit;
  ++state.counters.group_messages;
  auto& inbox = *workers[member.holder.worker.value];
  const auto id = static_cast<std::uint32_t>(inbox.ids.size());
  inbox.ids.push_back(member.holder.filter.value);
  inbox.entries.push_back({placed.record, placed.place, id, 1});
  const auto entry = inbox.take_entries().first;
  inbox.messages.emplace_back(link::group_message{state.id, entry, keep_once(inbox, batch), batch.header().timestamp_ms,
                                                  received_us, taker.only_here});
}

}  // namespace headgate::broker::shard
