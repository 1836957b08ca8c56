#pragma once

#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

// Gives the hits of the batch being delivered to members of their groups; a group without room falls behind.
void dispatch_hits(shard_state& state, const record::batch_ref& batch, inboxes& workers);
// The group reads the log from now on, from `next` on unless it does so already.
void fall_behind(shard_state& state, std::uint32_t number, record::offset next);

// The member whose turn it is among those that have room, or null.
group_member* find_member(shared_group& group);
// Gives the record to a member that has room.
void give(shard_state& state, group_member& member, const record::batch_ref& batch, const placed_record& placed,
          inboxes& workers);

}  // namespace headgate::broker::shard
