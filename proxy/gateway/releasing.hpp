#pragma once

#include "proxy/gateway/proxy_state.hpp"

// Sessions on their way back to the store. A will that has just been published goes first: the client's next connection
// may be at another worker, and what it publishes must not be ahead of the will, so its claim waits until the will has
// its place at its shard; one that is stored, until the log has it. A shard that does not answer is not waited for any
// longer than any holder of a session: the claim is forced.
namespace headgate::proxy::gateway {

// Gives the session of `going.holder` back, behind its will if that was given to the shard `will_at` (null: it has
// none).
void release_behind(proxy_state& state, session_store::release&& release, pending_release&& going, shard_link* will_at);
// Whether the session that this client had is still to be given back: then `asker` hears when the store has it.
bool wait_for_release(proxy_state& state, base::client_ref holder, const session_store::takeover_answer& asker);
// The will of a release has its place: the session goes back.
void release_held(proxy_state& state, std::uint32_t release);
// The log has the will of the session that this client had; or it takes nothing now, and the store keeps the will,
// which is due there at once (it is kept here if the session has been taken by force meanwhile).
void on_left_will_appended(proxy_state& state, base::client_ref holder);
void on_left_will_refused(proxy_state& state, base::client_ref holder);
// Waits for no log any more: what it has not answered for stays in the store.
void release_all_held(proxy_state& state);

}  // namespace headgate::proxy::gateway
