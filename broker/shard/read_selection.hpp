#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "broker/log/topic_selection.hpp"

namespace headgate::broker::shard {

// The topics that filters match, as a log is asked for them: literal filters by their hashes, and when there is any
// with a wildcard all of them by their texts. Null when they are not known: then all has to be scanned. Shared filters
// are left out, for nobody reads for those.
log::topic_selection_ref make_selection(std::span<const std::string_view> filters);

// False when no topic of this hash is wanted.
inline bool may_want(const log::topic_selection& selection, std::uint64_t topic_hash) {
  return selection.matches || std::binary_search(selection.hashes.begin(), selection.hashes.end(), topic_hash);
}

}  // namespace headgate::broker::shard
