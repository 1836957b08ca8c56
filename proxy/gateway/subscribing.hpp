#pragma once

#include <string_view>

#include "proxy/gateway/proxy_state.hpp"

// Keeps sessions, filters and the shards' routes in agreement.
namespace headgate::proxy::gateway {

// Adds the session to the filter, where it is pending until all shards concerned have answered; who holds the filter
// keeps what was granted before until then. `checked`: each of its messages is to be asked for (rights.hpp). Returns
// the filter.
std::uint32_t begin_subscription(proxy_state& state, std::uint32_t client, std::string_view filter, bool checked,
                                 bool* is_new);
// Asks the shards that can match the filter for their ends, for a session that outlives the process so long; each
// answers with a route of `pending`. Returns how many.
std::uint16_t register_filter(proxy_state& state, std::uint32_t filter, std::uint32_t expiry_s,
                              const pending_route& pending);
// Once a turn, behind hand_over_credits(): asks the shards once more for the SUBSCRIBEs that wait until these know of
// the room of a new member of a group.
void ask_behind_credits(proxy_state& state);
// All shards have answered: the session gets what comes from now on.
void activate_subscription(proxy_state& state, std::uint32_t client, std::uint32_t filter,
                           const subscription_options& options);

// A live session for which nothing waits has been given all that was streamed: what it reads or starts from now on
// does not go further back, to what its filters of today would match.
void skip_streamed(const session::session& session, session::position& position, const shard_link& shard);

// False when the session does not hold the filter.
bool end_subscription(proxy_state& state, std::uint32_t client, std::string_view filter);
void end_all_subscriptions(proxy_state& state, std::uint32_t client);

// The one shard whose topics the filter can match, or nothing when there may be several.
std::optional<base::shard_id> only_shard_of(const proxy_state& state, std::string_view filter);
// The shard of a topic with this hash (base::hash_of).
base::shard_id shard_of_topic(const proxy_state& state, std::string_view topic, std::uint64_t topic_hash);
// Calls visit(shard_link&) for each shard whose topics the filter can match.
template <class Visit>
void for_each_shard_of(proxy_state& state, std::string_view filter, Visit visit) {
  if (const auto only = only_shard_of(state, filter)) return visit(*state.shards[only->value]);
  for (auto& shard : state.shards) visit(*shard);
}

// Hands the open batch of a shard over, so that what is sent next comes after it.
void seal_batch(proxy_state& state, shard_link& shard);

}  // namespace headgate::proxy::gateway
