#pragma once

#include "proxy/gateway/proxy_state.hpp"

// What waits until a shard has taken all that it was sent before: a session on its way back to the store behind its
// will, UNSUBACK behind the end of a shared subscription.
namespace headgate::proxy::gateway {

// When it has waited it goes on in releasing.cpp, or in on_unsubscribe.cpp.
void wait_behind(shard_link& shard, behind_barrier waiting);
// Once a turn, when all that the shard gets is on its way: asks it to say when it has come.
void ask_barrier(proxy_state& state, shard_link& shard);
// Waits for no shard any more.
void pass_all_barriers(proxy_state& state);

}  // namespace headgate::proxy::gateway
