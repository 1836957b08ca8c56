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

// Those that the log does not have as they are.
std::vector<stored_group> take_changed(shard_state& state, std::uint64_t clock_ms) {
  auto& groups = state.groups;
  std::vector<stored_group> changed;
  for (auto& text : std::exchange(groups.ended, {})) changed.push_back({std::move(text), 0, 0, {}, {}});
  for (const auto number : std::exchange(groups.changed, {})) {
    auto& group = groups.all[number];
    group.has_changed = false;
    const bool outlives = outlives_process(group, clock_ms);
    if (outlives) {
      changed.push_back(stored(state, group));
      if (!group.logged_from) group.logged_from = state.log.end();
    } else if (std::exchange(group.logged_from, {})) {
      changed.push_back({group.text, 0, 0, {}, {}});
    }
  }
  return changed;
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
  const bool is_awaited = groups.log_now || (groups.log_with_messages && !state.undelivered.empty());
  if (!at_once && !is_awaited && clock_ms < groups.next_log_ms) return;
  groups.log_now = groups.log_with_messages = false;
  groups.next_log_ms = clock_ms + log_every_ms;
  const auto changed = take_changed(state, clock_ms);
  if (changed.empty() || !state.log.segment()) return;
  ++state.counters.groups_logged;
  for (auto& payload : encode_groups(changed)) {
    const own_record record{record::kind::groups, std::move(payload)};
    append_own(state, {&record, 1}, now, workers);
  }
}

bool awaits_log(const shard_state& state, route member) {
  const auto& group = state.groups.all[*state.groups.number_of(member)];
  if (!state.log.segment() || group.expiry_s() == 0) return false;
  return !group.logged_from || *group.logged_from >= state.log.committed();
}

void confirm_members(shard_state& state, inboxes& workers) {
  if (state.groups.unconfirmed.empty()) return;
  const auto committed = state.log.committed();
  std::erase_if(state.groups.unconfirmed, [&](const unconfirmed_member& one) {
    const auto& group = state.groups.all[*state.groups.number_of(one.member)];
    if (group.logged_from && *group.logged_from >= committed) return false;
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

void restore_groups(shard_state& state, std::vector<stored_group>&& stored, base::wall_ms now) {
  for (auto& each : stored) {
    const auto parts = mqtt::split_shared_filter(each.text);
    if (!parts) continue;
    const auto number = begin_group(state, each.text, parts->filter);
    auto& group = state.groups.all[number];
    group.lingers_until_ms = each.lingers_until_ms;
    linger(state, group, each.expiry_s, now);
    for (const auto place : each.undone) group.undone.restore(place);
    group.logged_from = record::offset{0};
    state.groups.without_members.push_back(number);
    fall_behind(state, number, each.next);
    // So that the log has until when they are waited for, should this process end before they come.
    note_change(state.groups, number);
  }
}

}  // namespace headgate::broker::shard
