#include "proxy/gateway/group_holding.hpp"

#include <algorithm>
#include <utility>

#include "proxy/gateway/deliver.hpp"
#include "proxy/gateway/groups.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::held_group_message;

void send_back(proxy_state& state, const held_group_message& held) {
  send_back(state, held.filter, held.shard, held.offset, link::group_refusal::none);
}

// How many messages of groups the client can take now, without those that were asked for and have not come.
std::size_t room_for_held(proxy_state& state, std::uint32_t client) {
  auto& more = *state.sessions[client].more;
  if (!more.asked.empty() && state.now_s() - more.asked_s >= base::group_asked_s) more.asked.clear();
  const auto room = std::min<std::size_t>(group_room_of(state, client), base::group_held_per_turn);
  return room - std::min(room, more.asked.size());
}

// Of what was refused for the client's sake, since so much waited for it, its shards may have kept something.
void ask_for_refused(proxy_state& state, session::details& more) {
  if (!std::exchange(more.held_overrun, false)) return;
  for (const auto filter : more.shared) members_changed(state, filter);
}

// Whether something is asked for, that may come or go elsewhere: the client is looked at again in the next turn.
bool ask(proxy_state& state, std::uint32_t client) {
  auto& more = *state.sessions[client].more;
  auto& held = more.held;
  for (auto left = std::min(room_for_held(state, client), held.size()); left > 0; --left) {
    if (more.asked.empty()) more.asked_s = state.now_s();
    more.asked.push_back(held.front());
    send_back(state, held.front());
    held.pop_front();
  }
  if (held.empty()) ask_for_refused(state, more);
  return !more.asked.empty();
}

// Each shard's messages are in the order of their offsets: one that was asked for, and came when there was no room
// after all, is before those that are there.
void insert(base::ring_queue<held_group_message>& held, const held_group_message& added) {
  held.push_back(added);
  auto place = held.size() - 1;
  for (auto n = place; n-- > 0;) {
    if (held[n].shard != added.shard) continue;
    if (held[n].offset < added.offset) return;
    std::swap(held[n], held[place]);
    place = n;
  }
}

// A part of what is to go back, if it is time.
void run_recalls(proxy_state& state) {
  if (state.recalls.empty() || state.now_s() < state.recall_at_s) return;
  for (std::size_t left = base::change_walk_steps; left > 0 && !state.recalls.empty();) {
    const auto client = state.recalls.back();
    state.recalls.pop_back();
    const auto* session = state.connected(client);
    if (session == nullptr || !session->more) continue;
    session->more->recalls_held = false;
    left -= std::min(left, give_back_held(state, client.index));
  }
}

}  // namespace

bool hold(proxy_state& state, std::uint32_t client, std::uint32_t filter, std::uint16_t shard, std::uint64_t offset) {
  auto& more = state.sessions[client].with_details();
  if (more.held.size() >= base::max_group_held) {
    ++state.counters.group_overrun;
    more.held_overrun = true;
    return false;
  }
  insert(more.held, {offset, filter, shard});
  ++state.counters.group_held;
  state.shards[shard]->outgoing.messages.emplace_back(
      link::group_held{state.place.worker, link::filter_id{filter}, record::offset{offset}});
  return true;
}

std::size_t held_by(const proxy_state& state, std::uint32_t client) {
  const auto& session = state.sessions[client];
  return session.more ? session.more->held.size() : 0;
}

void ask_for_held(proxy_state& state, std::uint32_t client) {
  if (held_by(state, client) == 0) return;
  state.asks_due = true;
  if (!std::exchange(state.sessions[client].more->asks_for_held, true)) {
    state.asks_for_held.push_back(state.ref_of(client));
  }
}

void held_came(proxy_state& state, const held_group_message& one) {
  for (const auto client : state.asks_for_held) {
    const auto* session = state.connected(client);
    if (session == nullptr || !session->more) continue;
    const auto count = std::erase_if(session->more->asked, [&](const held_group_message& asked) {
      return asked.offset == one.offset && asked.filter == one.filter && asked.shard == one.shard;
    });
    if (count > 0 && !session->more->held.empty()) state.asks_due = true;
  }
}

void hand_over_held(proxy_state& state) {
  run_recalls(state);
  state.asks_due = false;
  std::erase_if(state.asks_for_held, [&](base::client_ref client) {
    const auto* session = state.connected(client);
    if (session == nullptr || !session->more) return true;
    const bool goes_on = ask(state, client.index);
    session->more->asks_for_held = goes_on;
    return !goes_on;
  });
}

void recall_held(proxy_state& state, std::uint32_t client) {
  if (held_by(state, client) == 0) return;
  if (state.recalls.empty()) state.recall_by_s = state.now_s() + base::group_recall_limit_s;
  state.recall_at_s = std::min(state.now_s() + base::group_recall_s, state.recall_by_s);
  if (!std::exchange(state.sessions[client].more->recalls_held, true)) state.recalls.push_back(state.ref_of(client));
}

bool held_wants_turn(const proxy_state& state) {
  return state.asks_due || (!state.recalls.empty() && state.now_s() >= state.recall_at_s);
}

std::size_t give_back_held(proxy_state& state, std::uint32_t client, std::uint32_t filter) {
  auto& session = state.sessions[client];
  std::size_t count = 0;
  if (session.more) {
    std::erase_if(session.more->asked, [&](const held_group_message& one) { return one.filter == filter; });
  }
  for (auto left = held_by(state, client); left > 0; --left) {
    const auto one = session.more->held.front();
    session.more->held.pop_front();
    if (one.filter == filter) {
      send_back(state, one);
      ++count;
    } else {
      session.more->held.push_back(one);
    }
  }
  return count;
}

std::size_t give_back_held(proxy_state& state, std::uint32_t client) {
  const auto count = held_by(state, client);
  for (auto left = count; left > 0; --left) {
    auto& held = state.sessions[client].more->held;
    send_back(state, held.front());
    held.pop_front();
  }
  return count;
}

}  // namespace headgate::proxy::gateway
