#pragma once

#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

// Gives the hits of the batch being delivered to members of their groups; a group without room falls behind.
void dispatch_hits(shard_state& state, const undelivered_batch& delivered, inboxes& workers);
// The group reads the log from now on, from `next` on unless it does so already.
void fall_behind(shard_state& state, std::uint32_t number, record::offset next);

// The member whose turn it is for this record, among those that have room, or null.
group_member* find_member(const shard_state& state, shared_group& group, const record::record_header& record);

// Who gets a message that came back. Workers that have room and did not refuse it are asked first. When there are none
// it goes, room or not, to one that was not asked yet, or that said it can wait there: so it is out of the way of the
// others, and whoever may be shown it gets it in the end.
struct taker {
  group_member* member = nullptr;  // null: nobody now
  bool only_here = false;          // as in link::group_message
};
taker find_taker(shared_group& group, const undone_set::refusals& refusals);
// Whether all workers that have members refused it, and it can wait at none.
bool is_nobodys(const shared_group& group, const undone_set::refusals& refusals);
// It is such a one. While a member that has gone may come back it is parked, up to base::max_group_held; else it ends
// here. Either way the group goes on.
void set_aside(shard_state& state, std::uint32_t number, record::offset place, std::uint64_t clock_ms);
// Somebody may take what is parked.
void ask_for_parked(shared_group& group);
// Gives out again what is parked and was asked for, at most once a second and group, so that many who come one after
// the other do not stop what is not parked; ends what nobody comes back for.
void run_parked(shard_state& state, std::uint64_t clock_ms);

// Gives the record to a member. `received_us` as in link::group_message.
void give(shard_state& state, const taker& taker, const record::batch_ref& batch, const placed_record& placed,
          std::uint64_t received_us, inboxes& workers);

}  // namespace headgate::broker::shard
