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
// What the log had of them: all members are away from now on.
void restore_groups(shard_state& state, std::vector<stored_group>&& stored, base::wall_ms now);

}  // namespace headgate::broker::shard
