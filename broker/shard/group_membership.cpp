#include "broker/shard/group_membership.hpp"

#include <algorithm>

#include "broker/shard/group_dispatch.hpp"
#include "broker/shard/group_log.hpp"
#include "mqtt/topic.hpp"

namespace headgate::broker::shard {

namespace {

constexpr std::uint64_t check_every_ms = 1000;

route route_to(std::uint32_t number) {
  return {group_routes, link::filter_id{number}};
}

void end_group(shard_state& state, std::uint32_t number) {
  auto& group = state.groups.all[number];
  if (mqtt::has_wildcard(group.filter)) {
    state.wildcards.erase(group.filter, route_to(number));
  } else {
    state.topics.erase_route(group.filter, route_to(number));
  }
  state.groups.by_text.erase(group.text);
  std::erase(state.groups.behind, number);
  std::erase(state.groups.parked, number);
  std::erase(state.groups.changed, number);
  if (group.logged_from) state.groups.ended.push_back(std::move(group.text));
  group = {};
  state.groups.all.release(number);
}

// A worker's members are this one at least.
void note_expiry(shard_state& state, std::uint32_t number, route holder, std::uint32_t expiry_s) {
  auto& group = state.groups.all[number];
  for (auto& member : group.members) {
    if (member.holder == holder) member.expiry_s = std::max(member.expiry_s, expiry_s);
  }
  // Before the client hears that it has subscribed: the log has it before whatever comes from then on.
  if (expiry_s > 0 && group.awaits_log()) state.groups.log_now = true;
  note_change(state.groups, number);
}

}  // namespace

std::uint32_t begin_group(shard_state& state, std::string_view text, std::string_view filter) {
  const auto number = state.groups.all.acquire();
  auto& group = state.groups.all[number];
  group = {};
  group.text = text;
  group.filter = filter;
  state.groups.by_text.emplace(group.text, number);
  if (mqtt::has_wildcard(filter)) {
    state.wildcards.insert(filter, route_to(number));
  } else {
    state.topics.insert_route(filter, route_to(number));
  }
  return number;
}

void join_group(shard_state& state, std::string_view text, std::string_view filter, route member,
                std::uint32_t expiry_s) {
  if (const auto joined = state.groups.number_of(member)) return note_expiry(state, *joined, member, expiry_s);
  const auto found = state.groups.by_text.find(std::string(text));
  const auto number = found != state.groups.by_text.end() ? found->second : begin_group(state, text, filter);
  auto& group = state.groups.all[number];
  if (group.members.empty()) std::erase(state.groups.without_members, number);
  group.members.push_back({member});
  group.undone.forget_refusals(member.worker);
  ask_for_parked(group);
  state.groups.by_member.emplace(group_table::key_of(member), number);
  note_expiry(state, number, member, expiry_s);
}

void leave_group(shard_state& state, route member, std::uint32_t linger_s, base::wall_ms now) {
  const auto found = state.groups.by_member.find(group_table::key_of(member));
  if (found == state.groups.by_member.end()) return;
  const auto number = found->second;
  state.groups.by_member.erase(found);
  auto& group = state.groups.all[number];
  std::erase_if(group.members, [&](const group_member& present) { return present.holder == member; });
  const auto returned = group.undone.give_back_all(member);
  group.undone.forget_refusals(member.worker);
  state.counters.group_returned += returned;
  if (returned > 0) fall_behind(state, number, state.delivered);

  linger(state, group, linger_s, now);
  note_change(state.groups, number);
  if (!group.members.empty()) return;
  if (group.lingers_until_ms <= state.clock_ms(now)) {
    end_group(state, number);
  } else {
    state.groups.without_members.push_back(number);
  }
}

void linger(const shard_state& state, shared_group& group, std::uint32_t linger_s, base::wall_ms now) {
  const auto until_ms = linger_s == for_ever_s ? for_ever_ms : state.clock_ms(now) + std::uint64_t{linger_s} * 1000;
  group.lingers_until_ms = std::max(group.lingers_until_ms, until_ms);
}

void end_lingering_groups(shard_state& state, base::wall_ms now) {
  const auto clock_ms = state.clock_ms(now);
  auto& waiting = state.groups.without_members;
  if (waiting.empty() || clock_ms < state.groups.next_check_ms) return;
  state.groups.next_check_ms = clock_ms + check_every_ms;
  std::erase_if(waiting, [&](std::uint32_t number) {
    const bool ends = state.groups.all[number].lingers_until_ms <= clock_ms;
    if (ends) end_group(state, number);
    return ends;
  });
}

}  // namespace headgate::broker::shard
