#include <algorithm>
#include <optional>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "broker/shard/group_dispatch.hpp"
#include "broker/shard/group_log.hpp"
#include "broker/shard/group_membership.hpp"
#include "mqtt/topic.hpp"
#include "mqtt/types.hpp"

namespace headgate::broker::shard {

namespace {

// One turn's work for the groups that are behind.
struct catch_up {
  shard_state& state;
  std::uint64_t now_ms;
  inboxes& workers;
  std::size_t bytes_left = base::group_read_bytes_per_turn;

  bool has_expired(const record::batch_header& batch, const record::record_header& record) const {
    const auto age_s = now_ms > batch.timestamp_ms ? (now_ms - batch.timestamp_ms) / 1000 : 0;
    return record.expiry_s != mqtt::no_expiry && age_s >= record.expiry_s;
  }
  void count_bytes(std::size_t bytes) { bytes_left -= std::min(bytes_left, bytes); }
};

bool has_credit(const shared_group& group) {
  return std::any_of(group.members.begin(), group.members.end(),
                     [](const group_member& member) { return member.credit > 0; });
}

// What came back and the log does not have any more, from `first` up to and without `to`; returns the next that did.
std::optional<record::offset> drop_lost(shard_state& state, shared_group& group, record::offset first,
                                        record::offset to) {
  std::optional<record::offset> lost = first;
  while (lost && *lost < to) {
    ++state.counters.group_lost_offsets;
    group.undone.drop_returned(*lost);
    lost = group.undone.find_returned(*lost);
  }
  return lost;
}

// Gives out what came back and stands in this batch, while there is credit. `first` is the lowest that came back; the
// batch is the first of the log that has this offset or a higher one.
void give_returned_of(catch_up& run, std::uint32_t number, const record::batch_ref& batch, record::offset first) {
  auto& group = run.state.groups.all[number];
  auto& header = batch.header();
  auto wanted = std::optional(first);
  record::for_each_record_while(header, [&](const record::record_header& record) {
    const record::offset place{header.base_offset + record.offset_delta};
    if (!record.has_offset()) return true;
    wanted = drop_lost(run.state, group, *wanted, place);
    if (!wanted) return false;
    if (place < *wanted) return true;
    if (!has_credit(group)) return false;
    const auto refusals = group.undone.refusals_of(place);
    if (run.has_expired(header, record)) {
      ++run.state.counters.group_expired;
      group.undone.drop_returned(place);
    } else if (is_nobodys(group, refusals)) {
      set_aside(run.state, number, place, run.now_ms);
    } else {
      const auto taker = find_taker(group, refusals);
      HEADGATE_ASSERT(taker.member != nullptr);
      group.undone.give_again(place, taker.member->holder);
      give(run.state, taker, batch, {&record, place}, 0, run.workers);
    }
    wanted = group.undone.find_returned(place);
    return wanted.has_value();
  });
  run.count_bytes(header.size);
}

// False when the log answers later.
bool give_returned(catch_up& run, std::uint32_t number, record::offset place) {
  auto& state = run.state;
  const auto start = std::min(state.log.start(), state.delivered);
  if (place < start) {
    drop_lost(state, state.groups.all[number], place, start);
    return true;
  }
  const auto read = state.log.read(place);
  if (read.later) return false;
  if (!read.batch) {
    drop_lost(state, state.groups.all[number], place, state.delivered);
    return true;
  }
  give_returned_of(run, number, read.batch, place);
  return true;
}

// Gives out what the group's filter matches from group.next on in this batch, while there is room.
void give_next_of(catch_up& run, shared_group& group, const record::batch_ref& batch) {
  auto& header = batch.header();
  record::for_each_record_while(header, [&](const record::record_header& record) {
    const record::offset place{header.base_offset + record.offset_delta};
    if (!record.has_offset() || place < group.next) return true;
    ++run.state.counters.group_read_records;
    run.count_bytes(record.size);
    // What is logged at QoS 0 went out live.
    if (record.qos() > 0 && record.is_message() && mqtt::matches(group.filter, record.topic())) {
      if (run.has_expired(header, record)) {
        ++run.state.counters.group_expired;
      } else {
        auto* member = group.undone.size() < base::max_group_undone ? find_member(run.state, group, record) : nullptr;
        if (member == nullptr) return false;
        group.undone.give(place, member->holder);
        give(run.state, {member}, batch, {&record, place}, 0, run.workers);
      }
    }
    group.next = record::offset{place.value + 1};
    return true;
  });
}

// False when the log answers later.
bool give_next(catch_up& run, shared_group& group) {
  const auto start = std::min(run.state.log.start(), run.state.delivered);
  if (group.next < start) {
    run.state.counters.group_lost_offsets += start.value - group.next.value;
    group.next = start;
    return true;
  }
  const auto read = run.state.log.read(group.next);
  if (read.later) return false;
  if (!read.batch || read.batch.header().base_offset >= run.state.delivered.value) {
    group.next = run.state.delivered;  // there is nothing between
    return true;
  }
  give_next_of(run, group, read.batch);
  return true;
}

void run_group(catch_up& run, std::uint32_t number) {
  auto& group = run.state.groups.all[number];
  while (has_credit(group)) {
    const auto returned = group.undone.find_returned(record::offset{0});
    if (!returned && group.next >= run.state.delivered) {
      group.behind = false;
      return;
    }
    if (!returned && group.undone.size() >= base::max_group_undone) return;
    if (run.bytes_left == 0) {
      run.state.groups.wants_turn = true;
      return;
    }
    note_change(run.state.groups, number);
    if (!(returned ? give_returned(run, number, *returned) : give_next(run, group))) return;
  }
}

}  // namespace

void run_groups(shard_state& state, base::wall_ms now, inboxes& workers) {
  end_lingering_groups(state, now);
  run_parked(state, state.clock_ms(now));
  auto& behind = state.groups.behind;
  state.groups.wants_turn = false;
  if (behind.empty()) return;
  // Another one is first in each turn, since the first may use up the turn's bytes.
  std::rotate(behind.begin(), behind.begin() + 1, behind.end());
  catch_up run{state, state.clock_ms(now), workers};
  for (const auto number : behind) run_group(run, number);
  std::erase_if(behind, [&](std::uint32_t number) { return !state.groups.all[number].behind; });
}

}  // namespace headgate::broker::shard
