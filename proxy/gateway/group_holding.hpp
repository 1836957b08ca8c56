#pragma once

#include "proxy/gateway/proxy_state.hpp"

// Messages of shared subscriptions that wait for one member of this worker: it may be shown them and has no room, and
// nobody who has room may be shown them. They stay with the shard, this side has their offsets alone; so nobody who
// takes nothing stops the others of its group, and what waits for one takes no place of another.
namespace headgate::proxy::gateway {

// Kept for the client until it has room. False, and counted: so much is kept for it already.
bool hold(proxy_state& state, std::uint32_t client, std::uint32_t filter, std::uint16_t shard, std::uint64_t offset);
std::size_t held_by(const proxy_state& state, std::uint32_t client);

// The client may have room now: what it has room for is asked for at the turn's end.
void ask_for_held(proxy_state& state, std::uint32_t client);
// What a client may have asked for has come: it gets it, or another, or had no room after all.
void held_came(proxy_state& state, const session::held_group_message& one);
// Once a turn: asks the shards for what there is room for.
void hand_over_held(proxy_state& state);
// Whether the next hand_over_held() has something to do that nobody will wake the worker for: do not sleep.
bool held_wants_turn(const proxy_state& state);

// What waits for the client, of one filter or all, goes back and is given out anew. Returns how many.
std::size_t give_back_held(proxy_state& state, std::uint32_t client, std::uint32_t filter);
std::size_t give_back_held(proxy_state& state, std::uint32_t client);
// The same a second or two later, since its rights have changed: by then the shards know of the change from all
// workers, and ask those again that had nobody for it by the old rules.
void recall_held(proxy_state& state, std::uint32_t client);

}  // namespace headgate::proxy::gateway
