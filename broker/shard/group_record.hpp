#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "broker/record/layout.hpp"

namespace headgate::broker::shard {

// A shared subscription as the log holds it (FORMAT.md): what is needed to go on with it in another process, where all
// its members are away.
struct stored_group {
  std::string text;                    // with $share/{name}/
  std::uint32_t expiry_s = 0;          // the longest of its members' sessions; 0xffffffff: never
  std::uint64_t lingers_until_ms = 0;  // by the shard's clock; that of members that are away already
  record::offset next;                 // all below was given to a member, or is not for the group
  std::vector<record::offset> undone;  // of these, what no member has done with; ascending

  // It has ended, as far as another process is concerned.
  bool is_gone() const { return expiry_s == 0 && lingers_until_ms == 0; }
  friend bool operator==(const stored_group&, const stored_group&) = default;
};

// As payloads of records, in order: each has about a megabyte at most, however many groups there are.
std::vector<std::string> encode_groups(const std::vector<stored_group>& groups);
// All that `data` holds; nothing: these bytes are no groups. Trusts nothing.
std::optional<std::vector<stored_group>> decode_groups(base::bytes data);

}  // namespace headgate::broker::shard
