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

// How many messages of groups the client can take now.
std::size_t room_for_held(proxy_state& state, std::uint32_t client) {
  const auto& session = state.sessions[client];
  if (session.waits || !has_room(state, client)) return 0;
  return std::min<std::size_t>(session.window - session.inflight.count(), base::group_held_per_turn);
}

// Whether it can go on in the next turn.
bool ask(proxy_state& state, std::uint32_t client) {
  auto& held = state.sessions[client].more->held;
  const auto room = room_for_held(state, client);
  for (auto left = std::min(room, held.size()); left > 0; --left) {
    send_back(state, held.front());
    held.pop_front();
  }
  return room > 0 && !held.empty();
}

// A part of what is to go back, if it is time.
void run_recalls(proxy_state& state) {
  if (state.recalls.empty() || state.now_s() < state.recall_at_s) return;
  for (std::size_t left = base::change_walk_steps; left > 0 && !state.recalls.empty();) {
    const auto client = state.recalls.back();
    state.recalls.pop_back();
    if (state.connected(client) == nullptr) continue;
    left -= std::min(left, give_back_held(state, client.index));
  }
}

}  // namespace

bool hold(proxy_state& state, std::uint32_t client, std::uint32_t filter, std::uint16_t shard, std::uint64_t offset) {
  auto& held = state.sessions[client].with_details().held;
  if (held.size() >= base::max_group_held) {
    ++state.counters.group_overrun;
    return false;
  }
  held.push_back({offset, filter, shard});
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
  if (!std::exchange(state.sessions[client].more->asks_for_held, true)) {
    state.asks_for_held.push_back(state.ref_of(client));
  }
}

void hand_over_held(proxy_state& state) {
  run_recalls(state);
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
  state.recalls.push_back(state.ref_of(client));
  state.recall_at_s = state.now_s() + 2;
}

std::size_t give_back_held(proxy_state& state, std::uint32_t client, std::uint32_t filter) {
  auto& session = state.sessions[client];
  std::size_t count = 0;
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
