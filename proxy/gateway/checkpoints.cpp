#include "proxy/gateway/checkpoints.hpp"

#include <algorithm>

#include "proxy/gateway/storing.hpp"

namespace headgate::proxy::gateway {

namespace {

// A part of the sessions, so that all are looked at in quiet_checkpoint_s: the logs of those that get nothing go on,
// too.
void look_at_quiet_ones(proxy_state& state, std::uint32_t seconds) {
  const std::uint64_t count = state.sessions.size();
  state.quiet_steps += count * seconds;
  for (auto left = std::min(state.quiet_steps / base::quiet_checkpoint_s, count); left > 0; --left) {
    if (state.next_quiet >= count) state.next_quiet = 0;
    const auto client = state.next_quiet++;
    if (state.sessions[client].state != session::connection_state::connected) continue;
    if (!state.sessions[client].positions.empty()) note_progress(state, client);
  }
  state.quiet_steps %= base::quiet_checkpoint_s;
}

void wait_for_turn(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  if (session.awaits_turn) return;
  session.awaits_turn = true;
  state.progressed.push_back(state.ref_of(client));
}

// Large sessions have their turn in few seconds, not all in the same ones.
bool is_its_second(const proxy_state& state, std::uint32_t client) {
  const auto period = 1 + state.sessions[client].subscriptions.size() / base::checkpointed_filters;
  return (state.now_s() + client) % period == 0;
}

void checkpoint(proxy_state& state, base::client_ref client) {
  auto* session = state.connected(client);
  if (session == nullptr) return;
  session->awaits_turn = false;
  if (!session->progressed) return;  // it was stored meanwhile, because somebody waited for that
  if (session->checkpointed || !is_its_second(state, client.index)) return wait_for_turn(state, client.index);
  session->checkpointed = true;
  ++state.checkpoints_open;
  ++state.counters.checkpoints;
  pending_answer answer;
  answer.is_checkpoint = true;
  save_session(state, client, std::move(answer));
}

}  // namespace

void note_progress(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  if (session.progressed || session.expiry_s == 0 || !state.ports.store.outlives_process()) return;
  session.progressed = true;
  wait_for_turn(state, client);
}

void run_checkpoints(proxy_state& state) {
  if (state.now_s() != state.checkpointed_s) {
    look_at_quiet_ones(state, state.now_s() - state.checkpointed_s);
    state.checkpointed_s = state.now_s();
    state.checkpoints_due = state.progressed.size();
  }
  const auto room = base::max_checkpoints_open - std::min(base::max_checkpoints_open, state.checkpoints_open);
  for (auto left = std::min({state.checkpoints_due, base::checkpoints_per_turn, room}); left > 0; --left) {
    const auto client = state.progressed.front();
    state.progressed.pop_front();
    --state.checkpoints_due;
    checkpoint(state, client);
  }
}

bool checkpoints_want_turn(const proxy_state& state) {
  return state.checkpoints_due > 0 && state.checkpoints_open < base::max_checkpoints_open;
}

}  // namespace headgate::proxy::gateway
