#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/slab.hpp"
#include "broker/shard/placed_record.hpp"
#include "broker/shard/route.hpp"
#include "broker/shard/undone_set.hpp"

namespace headgate::broker::shard {

// How long a session, and with it its group, lives without its client.
inline constexpr std::uint32_t for_ever_s = 0xffff'ffff;
inline constexpr std::uint64_t for_ever_ms = ~std::uint64_t{0};

// A worker with members of a shared subscription, and how many more messages it has room for.
struct group_member {
  route holder;
  std::uint32_t credit = 0;
  std::uint32_t expiry_s = 0;  // the longest of the sessions that joined there; 0xffffffff: for ever
};

// A shared subscription (MQTT 5.0, 4.8.2) as one shard sees it. It is live while it has come to the shard's end with
// nothing returned: then its messages are given out as they are delivered. Otherwise it is behind, and reads the log
// from `next` on, returned messages first.
//
//          no credit, or too much undone, at a message;  a message comes back
//   live ───────────────────────────────────────────────────────────────────▶ behind
//     ▲                                                                         │
//     └──────────────────── nothing returned, next at the end ──────────────────┘
struct shared_group {
  std::string text;    // with $share/{name}/
  std::string filter;  // without
  std::vector<group_member> members;
  std::size_t turn = 0;  // the member that is asked first
  undone_set undone;
  bool behind = false;
  record::offset next;  // while behind: the first offset not looked at yet
  // Until then a member that has gone may come back, by the shard's clock: so long the group lives without members, and
  // what all workers refuse is kept for it, parked.
  std::uint64_t lingers_until_ms = 0;
  bool asks_parked = false;         // somebody has come, or has asked anew: what is parked is to be given out again
  std::uint64_t next_asked_ms = 0;  // not before
  std::optional<record::offset> logged_from;  // the log has it, not as ended: the first time here or before
  std::uint32_t logged_expiry_s = 0;  // in that record: so long it lives on without members; 0xffffffff: for ever
  bool has_changed = false;           // since it was logged: stands in group_table::changed

  // Whether it has promised a member more than the log has.
  bool awaits_log() const { return !logged_from || expiry_s() > logged_expiry_s; }
  // The longest expiry of its members' sessions.
  std::uint32_t expiry_s() const {
    std::uint32_t longest = 0;
    for (const auto& member : members) longest = std::max(longest, member.expiry_s);
    return longest;
  }
};

// A worker hears that a member has joined when the log has the group for good: by then nothing that comes may pass it.
struct unconfirmed_member {
  route member;
  link::route_registered answer;
};

struct group_hit {
  std::uint32_t group = 0;
  placed_record placed;
};

// The shared subscriptions of one shard, by number.
struct group_table {
  base::slab<shared_group, 64> all;
  std::unordered_map<std::string, std::uint32_t> by_text;
  std::unordered_map<std::uint64_t, std::uint32_t> by_member;  // key_of(route)
  std::vector<std::uint32_t> behind;                           // those that are, each once
  std::vector<std::uint32_t> without_members;
  std::vector<std::uint32_t> parked;   // those with anything parked, each once
  std::uint64_t next_check_ms = 0;     // of those without members
  bool wants_turn = false;             // one that is behind could go on at once
  std::vector<std::uint32_t> changed;  // those that the log does not have as they are, each once
  std::vector<std::string> ended;      // texts of such that it has, and that are no more
  bool log_now = false;                // a session that outlives this process has joined one that the log does not have
  bool log_with_messages = false;      // the log has refused one: again when messages come
  std::uint64_t next_log_ms = 0;       // if neither, not before
  std::vector<unconfirmed_member> unconfirmed;
  std::vector<group_hit> hits;  // of the batch being delivered; kept, so that it allocates nothing

  static std::uint64_t key_of(route member) { return std::uint64_t{member.worker.value} << 32 | member.filter.value; }
  // Nothing when the worker has no member under this filter.
  std::optional<std::uint32_t> number_of(route member) const {
    const auto found = by_member.find(key_of(member));
    return found == by_member.end() ? std::nullopt : std::optional(found->second);
  }
};

}  // namespace headgate::broker::shard
