#pragma once

#include <optional>

#include "proxy/gateway/proxy_state.hpp"

// Sessions on their way back to the store. A will that has just been published goes first: the client's next connection
// may be at another worker, and what it publishes must not be ahead of the will, so its claim waits until the will has
// its place at its shard. A shard that does not answer is not waited for any longer than any holder of a session: the
// claim is forced.
namespace headgate::proxy::gateway {

// Gives the session of `holder` back, behind its will if that was given to the shard `will_at` (null: it has none).
// `asker` hears when the store has it.
void release_behind(proxy_state& state, base::client_ref holder, session_store::release&& release, shard_link* will_at,
                    const std::optional<session_store::takeover_answer>& asker);
// Whether the session that this client had is still to be given back: then `asker` hears when the store has it.
bool wait_for_release(proxy_state& state, base::client_ref holder, const session_store::takeover_answer& asker);
// The will of a release has its place: the session goes back.
void release_held(proxy_state& state, std::uint32_t release);

}  // namespace headgate::proxy::gateway
