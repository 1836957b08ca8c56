#pragma once

#include <cstdint>
#include <vector>

#include "broker/shard/group_record.hpp"
#include "broker/shard/shard_state.hpp"

// Groups with members whose sessions outlive the process do so, too: the log has them. What their members did since
// they were logged last they get again (at least once).
namespace headgate::broker::shard {

// The log is to hear of it, in a while. Cheap.
void note_change(group_table& groups, std::uint32_t number);
// All that a snapshot has of groups.
std::vector<stored_group> groups_to_store(const shard_state& state, std::uint64_t clock_ms);
// The log has not taken what stood from `end` on: it is to hear again, together with the next messages, of those that
// it may know nothing of. The others are in the next snapshot.
void log_again(shard_state& state, record::offset end);
// Whether the group of this member is not in the log for good, and is to be.
bool awaits_log(const shard_state& state, route member);
// Tells workers of their members whose groups the log has. While the disk is full they wait.
void confirm_members(shard_state& state, inboxes& workers);
// That of one member, which leaves.
void confirm_at_once(shard_state& state, route member, inboxes& workers);
// What the log had of them: all members are away from now on. False: not all can be so.
bool restore_groups(shard_state& state, std::vector<stored_group>&& stored, base::wall_ms now);

}  // namespace headgate::broker::shard
