#pragma once

#include <string_view>

#include "proxy/gateway/proxy_state.hpp"

// Keeps sessions, filters and the shards' routes in agreement.
namespace headgate::proxy::gateway {

// Adds the session to the filter, or changes what it was granted; asks the shards for the start. Returns the number of
// answers to wait for.
std::uint32_t begin_subscription(proxy_state& state, std::uint32_t client, std::string_view filter, subscriber options,
                                 std::uint32_t subscribe);
// False when the session does not hold the filter.
bool end_subscription(proxy_state& state, std::uint32_t client, std::string_view filter);
void end_all_subscriptions(proxy_state& state, std::uint32_t client);

// Hands the open batch of a shard over, so that what is sent next comes after it.
void seal_batch(proxy_state& state, shard_link& shard);

}  // namespace headgate::proxy::gateway
