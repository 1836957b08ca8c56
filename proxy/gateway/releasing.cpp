#include "proxy/gateway/releasing.hpp"

#include <utility>

#include "proxy/gateway/barriers.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/storing.hpp"
#include "proxy/gateway/wills.hpp"

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

}  // namespace

void release_behind(proxy_state& state, session_store::release&& release, pending_release&& going,
                    shard_link* will_at) {
  const auto number = state.releases.acquire();
  release.request = number;
  auto& pending = state.releases[number];
  pending = std::move(going);
  if (will_at == nullptr) return state.ports.store.submit(std::move(release));
  pending.held = std::make_unique<session_store::release>(std::move(release));
  state.held_back.emplace(key_of(pending.holder), number);
  if (!pending.will) wait_behind(*will_at, {behind_barrier::kind::release, number});
  if (!pending.askers.empty()) save(state, *pending.held);
}

bool wait_for_release(proxy_state& state, base::client_ref holder, const session_store::takeover_answer& asker) {
  const auto found = state.held_back.find(key_of(holder));
  if (found == state.held_back.end()) return false;
  auto& pending = state.releases[found->second];
  if (pending.askers.empty()) save(state, *pending.held);
  pending.askers.push_back(asker);
  return true;
}

void release_held(proxy_state& state, std::uint32_t release) {
  auto& pending = state.releases[release];
  state.held_back.erase(key_of(pending.holder));
  const auto held = std::exchange(pending.held, nullptr);
  state.ports.store.submit(std::move(*held));
}

void on_left_will_appended(proxy_state& state, base::client_ref holder) {
  ++state.counters.wills;
  const auto found = state.held_back.find(key_of(holder));
  if (found == state.held_back.end()) return;
  auto& pending = state.releases[found->second];
  if (!pending.will) return;  // it waits for the barrier
  pending.unlogged_will.clear();
  pending.held->afterlife.will.clear();
  release_held(state, found->second);
}

void on_left_will_refused(proxy_state& state, base::client_ref holder) {
  const auto found = state.held_back.find(key_of(holder));
  if (found == state.held_back.end() || !state.releases[found->second].will) return;
  release_held(state, found->second);
}

void release_all_held(proxy_state& state) {
  while (!state.held_back.empty()) release_held(state, state.held_back.begin()->second);
}

void on_released(proxy_state& state, const session_store::released& message) {
  const auto release = std::exchange(state.releases[message.request], {});
  state.releases.release(message.request);
  // Otherwise somebody else has the session, and may be sent the same again; but no will of an earlier owner.
  if (message.admitted) {
    for (const auto& finished : release.finished) forget(state, finished);
  }
  if (release.will && release.unlogged_will.empty()) forget(state, *release.will);
  if (!release.unlogged_will.empty() && !message.admitted) keep_refused_will(state, release.unlogged_will);
  for (const auto& asker : release.askers) state.ports.bus.answer(session_store::takeover_answer(asker));
}

}  // namespace headgate::proxy::gateway
