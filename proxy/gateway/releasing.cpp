#include "proxy/gateway/releasing.hpp"

#include <utility>

#include "proxy/gateway/events.hpp"

namespace headgate::proxy::gateway {

namespace {

std::uint64_t key_of(base::client_ref holder) {
  return std::uint64_t{holder.generation} << 32U | holder.index;
}

// Who asks may take it by force before the shard has answered: the store has it then as it is now.
void save(proxy_state& state, const session_store::release& release) {
  if (release.afterlife.expiry_s == 0) return;
  const auto request = state.answers.acquire();
  state.answers[request] = {};
  state.ports.store.submit(session_store::save{request, release.client_id, release.token, release.record});
}

void give_back(proxy_state& state, std::uint32_t number) {
  auto& pending = state.releases[number];
  state.held_back.erase(key_of(pending.holder));
  const auto release = std::exchange(pending.held, nullptr);
  state.ports.store.submit(std::move(*release));
}

void give_back_first(proxy_state& state, shard_link& shard) {
  const auto number = shard.behind_wills.front();
  shard.behind_wills.pop_front();
  ++shard.first_behind_will;
  give_back(state, number);
}

}  // namespace

void release_behind(proxy_state& state, base::client_ref holder, session_store::release&& release, shard_link* will_at,
                    const std::optional<session_store::takeover_answer>& asker) {
  const auto number = state.releases.acquire();
  release.request = number;
  auto& pending = state.releases[number];
  pending = {};
  pending.holder = holder;
  if (asker) pending.askers.push_back(*asker);
  if (will_at == nullptr) return state.ports.store.submit(std::move(release));
  pending.held = std::make_unique<session_store::release>(std::move(release));
  state.held_back.emplace(key_of(holder), number);
  will_at->behind_wills.push_back(number);
  if (asker) save(state, *pending.held);
}

bool wait_for_release(proxy_state& state, base::client_ref holder, const session_store::takeover_answer& asker) {
  const auto found = state.held_back.find(key_of(holder));
  if (found == state.held_back.end()) return false;
  auto& pending = state.releases[found->second];
  if (pending.askers.empty()) save(state, *pending.held);
  pending.askers.push_back(asker);
  return true;
}

void ask_behind_wills(proxy_state& state, shard_link& shard) {
  const auto end = shard.first_behind_will + shard.behind_wills.size();
  if (std::exchange(shard.barrier_at, end) == end) return;
  shard.outgoing.messages.emplace_back(link::barrier{state.place.worker, end});
}

void on_barrier_passed(proxy_state& state, const link::barrier_passed& message) {
  auto& shard = *state.shards[message.shard.value];
  while (shard.first_behind_will < message.number) give_back_first(state, shard);
}

void release_all(proxy_state& state) {
  for (auto& shard : state.shards) {
    while (!shard->behind_wills.empty()) give_back_first(state, *shard);
  }
}

void on_released(proxy_state& state, const session_store::released& message) {
  const auto release = std::exchange(state.releases[message.request], {});
  state.releases.release(message.request);
  for (const auto& asker : release.askers) state.ports.bus.answer(session_store::takeover_answer(asker));
}

}  // namespace headgate::proxy::gateway
