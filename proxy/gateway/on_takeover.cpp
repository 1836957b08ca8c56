#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/connecting.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/releasing.hpp"

namespace headgate::proxy::gateway {

// The older connection of the same client id goes [MQTT-3.1.4-3]. Who does not have the session (any more) says so at
// once: the store has it, or will have before the asker claims again; one that is behind its will is waited for.
void on_takeover_asked(proxy_state& state, const session_store::takeover_ask& message) {
  const session_store::takeover_answer answer{message.from, message.request};
  const auto client = message.holder.client.index;
  auto* session = client < state.sessions.size() ? state.connected(message.holder.client) : nullptr;
  if (session == nullptr || session->id.view() != message.client_id) {
    if (wait_for_release(state, message.holder.client, answer)) return;
    return state.ports.bus.answer(session_store::takeover_answer(answer));
  }
  ++state.counters.takeovers;
  close_for_takeover(state, client, answer, message.address);
}

void on_takeover_answered(proxy_state& state, const session_store::takeover_answer& message) {
  if (message.request >= state.connects.size()) return;
  auto& pending = state.connects[message.request];
  // The answer may be late: claimed by force meanwhile, or another CONNECT has the number.
  if (pending.at != pending_connect::step::asking || !still_waits(state, pending)) return;
  claim_session(state, message.request, false);
}

}  // namespace headgate::proxy::gateway
