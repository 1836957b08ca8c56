#pragma once

#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

// Gives the hits of the batch being delivered to members of their groups; a group without room falls behind.
void dispatch_hits(shard_state& state, const undelivered_batch& delivered, inboxes& workers);
// The group reads the log from now on, from `next` on unless it does so already.
void fall_behind(shard_state& state, std::uint32_t number, record::offset next);

// The member whose turn it is among those that have room, or null.
group_member* find_member(shared_group& group);
// Gives the record to a member that has room. `received_us` as in link::group_message.
void give(shard_state& state, group_member& member, const record::batch_ref& batch, const placed_record& placed,
          std::uint64_t received_us, inboxes& workers);

}  // namespace headgate::broker::shard
