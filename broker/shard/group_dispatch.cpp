#include "broker/shard/group_dispatch.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"

namespace headgate::broker::shard {

namespace {

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

}  // namespace

void dispatch_hits(shard_state& state, const undelivered_batch& delivered, inboxes& workers) {
  for (const auto& hit : state.groups.hits) {
    auto& group = state.groups.all[hit.group];
    const bool tracked = hit.placed.record->qos() > 0;
    if (tracked && group.behind) continue;
    auto* member = find_member(group);
    if (!tracked) {
      if (member != nullptr) {
        give(state, *member, delivered.batch, hit.placed, delivered.received_us, workers);
      } else {
        ++state.counters.group_qos0_dropped;
      }
    } else if (member == nullptr || group.undone.size() >= base::max_group_undone) {
      fall_behind(state, hit.group, hit.placed.place);
    } else {
      group.undone.give(hit.placed.place, member->holder);
      give(state, *member, delivered.batch, hit.placed, delivered.received_us, workers);
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

group_member* find_member(shared_group& group) {
  const auto count = group.members.size();
  for (std::size_t n = 0; n < count; ++n) {
    if (group.turn >= count) group.turn = 0;
    auto& member = group.members[group.turn++];
    if (member.credit > 0) return &member;
  }
  return nullptr;
}

void give(shard_state& state, group_member& member, const record::batch_ref& batch, const placed_record& placed,
          std::uint64_t received_us, inboxes& workers) {
  HEADGATE_ASSERT(member.credit > 0);
  --member.credit;
  ++state.counters.group_messages;
  auto& inbox = *workers[member.holder.worker.value];
  const auto id = static_cast<std::uint32_t>(inbox.ids.size());
  inbox.ids.push_back(member.holder.filter.value);
  inbox.entries.push_back({placed.record, placed.place, id, 1});
  const auto entry = inbox.take_entries().first;
  inbox.messages.emplace_back(
      link::group_message{state.id, entry, keep_once(inbox, batch), batch.header().timestamp_ms, received_us});
}

}  // namespace headgate::broker::shard
