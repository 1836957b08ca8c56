#include "broker/shard/group_log.hpp"

#include <string>
#include <utility>

#include "broker/shard/group_dispatch.hpp"
#include "broker/shard/group_membership.hpp"
#include "mqtt/topic.hpp"

namespace headgate::broker::shard {

namespace {

constexpr std::uint64_t log_every_ms = 1000;

bool outlives_process(const shared_group& group, std::uint64_t clock_ms) {
  return group.expiry_s() > 0 || group.lingers_until_ms > clock_ms;
}

stored_group stored(const shard_state& state, const shared_group& group) {
  stored_group stored;
  stored.text = group.text;
  stored.expiry_s = group.expiry_s();
  stored.lingers_until_ms = group.lingers_until_ms;
  stored.next = group.behind ? group.next : state.delivered;
  group.undone.for_each([&](record::offset place) { stored.undone.push_back(place); });
  return stored;
}

// Those that the log does not have as they are: all, or those alone that wait for it.
struct taken_changes {
  std::vector<stored_group> groups;
  std::vector<std::uint32_t> awaited;  // numbers of those among them that wait for it
};

taken_changes take_changed(shard_state& state, std::uint64_t clock_ms, bool all) {
  auto& groups = state.groups;
  taken_changes taken;
  for (auto& text : std::exchange(groups.ended, {})) taken.groups.push_back({std::move(text), 0, 0, {}, {}});
  for (const auto number : std::exchange(groups.changed, {})) {
    auto& group = groups.all[number];
    if (!all && !group.awaits_log()) {
      groups.changed.push_back(number);
      continue;
    }
    group.has_changed = false;
    if (outlives_process(group, clock_ms)) {
      if (group.awaits_log()) taken.awaited.push_back(number);
      taken.groups.push_back(stored(state, group));
      group.logged_expiry_s = group.lingers_until_ms == for_ever_ms ? for_ever_s : group.expiry_s();
    } else if (std::exchange(group.logged_from, {})) {
      taken.groups.push_back({group.text, 0, 0, {}, {}});
    }
  }
  return taken;
}

}  // namespace

void note_change(group_table& groups, std::uint32_t number) {
  auto& group = groups.all[number];
  if (std::exchange(group.has_changed, true)) return;
  groups.changed.push_back(number);
}

std::vector<stored_group> groups_to_store(const shard_state& state, std::uint64_t clock_ms) {
  std::vector<stored_group> all;
  for (const auto& [text, number] : state.groups.by_text) {
    const auto& group = state.groups.all[number];
    if (outlives_process(group, clock_ms)) all.push_back(stored(state, group));
  }
  return all;
}

void log_groups(shard_state& state, base::wall_ms now, inboxes& workers, bool at_once) {
  auto& groups = state.groups;
  const auto clock_ms = state.clock_ms(now);
  if (groups.changed.empty() && groups.ended.empty()) return;
  const bool are_new_awaited = groups.log_now || (groups.log_with_messages && !state.undelivered.empty());
  const bool is_due = at_once || clock_ms >= groups.next_log_ms;
  if (!is_due && !are_new_awaited) return;
  groups.log_now = groups.log_with_messages = false;
  if (is_due) groups.next_log_ms = clock_ms + log_every_ms;
  const auto taken = take_changed(state, clock_ms, is_due);
  if (taken.groups.empty() || !state.log.segment()) return;
  ++state.counters.groups_logged;
  for (auto& payload : encode_groups(taken.groups)) {
    const own_record record{record::kind::groups, std::move(payload)};
    append_own(state, {&record, 1}, now, workers);
  }
  // Wherever among these they are: the log may take some, and not the others.
  for (const auto number : taken.awaited) groups.all[number].logged_from = record::offset{state.log.end().value - 1};
}

bool awaits_log(const shard_state& state, route member) {
  const auto& group = state.groups.all[*state.groups.number_of(member)];
  if (!state.log.segment() || group.expiry_s() == 0) return false;
  return group.awaits_log() || *group.logged_from >= state.log.committed();
}

void confirm_members(shard_state& state, inboxes& workers) {
  std::erase_if(state.groups.unconfirmed, [&](const unconfirmed_member& one) {
    if (awaits_log(state, one.member)) return false;
    workers[one.member.worker.value]->messages.emplace_back(one.answer);
    return true;
  });
}

void confirm_at_once(shard_state& state, route member, inboxes& workers) {
  std::erase_if(state.groups.unconfirmed, [&](const unconfirmed_member& one) {
    if (one.member != member) return false;
    workers[member.worker.value]->messages.emplace_back(one.answer);
    return true;
  });
}

void log_again(shard_state& state, record::offset end) {
  for (const auto& [text, number] : state.groups.by_text) {
    auto& group = state.groups.all[number];
    if (!group.logged_from || *group.logged_from < end) continue;
    group.logged_from.reset();
    note_change(state.groups, number);
    state.groups.log_with_messages = true;
  }
}

bool restore_groups(shard_state& state, std::vector<stored_group>&& stored, base::wall_ms now) {
  bool understood = true;
  for (auto& each : stored) {
    const auto parts = mqtt::split_shared_filter(each.text);
    if (!parts || each.next > state.log.end()) {
      understood = false;
      continue;
    }
    const auto number = begin_group(state, each.text, parts->filter);
    auto& group = state.groups.all[number];
    group.lingers_until_ms = each.lingers_until_ms;
    linger(state, group, each.expiry_s, now);
    for (const auto place : each.undone) group.undone.restore(place);
    group.logged_from = record::offset{0};
    group.logged_expiry_s = each.lingers_until_ms == for_ever_ms ? for_ever_s : each.expiry_s;
    state.groups.without_members.push_back(number);
    fall_behind(state, number, each.next);
    // So that the log has until when they are waited for, should this process end before they come.
    note_change(state.groups, number);
  }
  return understood;
}

}  // namespace headgate::broker::shard
