#pragma once

#include "proxy/gateway/proxy_state.hpp"

// Shared subscriptions (MQTT 5.0, 4.8.2) on this side: the shard gives a message to the worker, which picks one of its
// members; on_group_message() of events.hpp is here, too.
namespace headgate::proxy::gateway {

// The members of a shared filter can take more or less than before: the shards hear it at the turn's end.
void credit_changed(proxy_state& state, std::uint32_t filter);
// They, or what they may be shown, are others: what they refused they may take now.
void members_changed(proxy_state& state, std::uint32_t filter);
// Something made room for a client: the filters that it shares can take more.
void offer_room(proxy_state& state, std::uint32_t client);
// Once a turn, after all else: tells the shards.
void hand_over_credits(proxy_state& state);

// A message of a group goes back to its shard.
void send_back(proxy_state& state, std::uint32_t filter, std::uint16_t shard, std::uint64_t offset,
               link::group_refusal refusal);
// How many messages of its groups a client is offered room for.
std::uint32_t group_room_of(proxy_state& state, std::uint32_t client);
// A message of a group needs no more care of the client.
void group_done(proxy_state& state, std::uint32_t client, session::inflight_slot& slot);
// A member leaves, one filter or all: what it has not acknowledged at QoS 1, and what waits for it, goes to somebody
// else.
void give_back(proxy_state& state, std::uint32_t client, std::uint32_t filter);
void give_back_all(proxy_state& state, std::uint32_t client);

}  // namespace headgate::proxy::gateway
