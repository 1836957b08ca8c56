#pragma once

#include "loadtest/core/audit.hpp"
#include "loadtest/core/sequence_set.hpp"

namespace headgate::loadtest::core {

// What is open, excused or late at a flow.
struct flow::details {
  sequence_set missing;    // below `next` and not received; only what the mask wants counts, and each range has some
  sequence_set not_due;    // need not come, or needed not to have come
  sequence_set expirable;  // may have expired while the audience was away, if it is missing
};

// What the allocator adds to each, about.
inline constexpr std::uint64_t allocation_bytes = 16;

// The vectors that finding what is missing needs, kept from one flow to the next.
struct audit::search {
  std::vector<sequence_range> expected;  // of the publisher: acknowledged; at QoS 0: sent and not given up
  std::vector<sequence_range> missing;   // of the flow: expected, due, and not received
  std::vector<sequence_range> expired;   // of the flow: missing for a good reason
  std::vector<sequence_range> scratch;
  std::uint64_t stand_ins = 0;  // unreadable payloads of the audience that stand for nothing yet
};

}  // namespace headgate::loadtest::core
