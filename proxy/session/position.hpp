#pragma once

#include <cstdint>

namespace headgate::proxy::session {

// How the messages above QoS 0 of one log reach a session. live: as they come (or, while its window or its output is
// full, as references that wait). behind: read from the log, because the references were too many or the session was
// away.
enum class delivery_stage : std::uint8_t { live, behind };

// A session's place in the log of one shard. Invariants: 1. next <= seen; 2. everything below `next` was sent or is not
// for it; 3. of what lies between, that which is for it waits as references, in order.
struct position {
  std::uint64_t next = 0;  // the first offset neither sent nor skipped
  std::uint64_t seen = 0;  // the first offset not looked at: what comes live below it is not new; READ starts here
  std::uint16_t shard = 0;
  delivery_stage stage = delivery_stage::live;
  std::uint8_t reserved = 0;
  std::uint32_t scans = 0;  // retained messages being given out, for which the log has to wait
};
static_assert(sizeof(position) == 24);

}  // namespace headgate::proxy::session
