#pragma once

#include <cstdint>
#include <type_traits>

namespace headgate::loadtest::core {

// The first 40 bytes of every payload, in the byte order of the machine (little-endian; a run's reader is its writer).
// FORMAT.md describes it. The bytes behind it are the publisher's padding, the same in all its messages.
struct stamp {
  std::uint32_t run = 0;          // a random number of the run: tells messages of other runs
  std::uint32_t publisher = 0;    // in the order in which the plan's groups name them, from 0
  std::uint64_t sequence = 0;     // of this publisher, from 0, over all its topics
  std::uint64_t intended_ns = 0;  // when it was due (open loop) or sent (closed loop), by CLOCK_MONOTONIC
  std::uint32_t topic_hash = 0;   // low half of XXH3-64 of its topic: tells a message that came under another one
  std::uint32_t size = 0;         // of the payload, this stamp included
  std::uint32_t body_check = 0;   // low half of XXH3-64 of the payload behind the stamp
  std::uint32_t check = 0;        // low half of XXH3-64 of the 36 bytes before it
};
static_assert(sizeof(stamp) == 40 && std::is_trivially_copyable_v<stamp>);

}  // namespace headgate::loadtest::core
