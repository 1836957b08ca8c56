#pragma once

#include <string_view>

#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

// A group without members, whose position is the shard's end.
std::uint32_t begin_group(shard_state& state, std::string_view text, std::string_view filter);

// Makes the worker a member of the shared subscription `text`, whose filter is `filter`; one that is new begins at what
// is delivered next. `expiry_s` as in link::register_route; again, a longer one counts.
void join_group(shard_state& state, std::string_view text, std::string_view filter, route member,
                std::uint32_t expiry_s);
// What the worker had undone goes to others. The last one to leave ends the group, or leaves it for the longest time
// that any of those who left asked for.
void leave_group(shard_state& state, route member, std::uint32_t linger_s, base::wall_ms now);
// A member that has gone may come back within so long (link::withdraw_route::linger_s).
void linger(const shard_state& state, shared_group& group, std::uint32_t linger_s, base::wall_ms now);
// Ends the groups without members whose time has come.
void end_lingering_groups(shard_state& state, base::wall_ms now);

}  // namespace headgate::broker::shard
