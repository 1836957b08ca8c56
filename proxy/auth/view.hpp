#pragma once

#include <cstdint>

namespace headgate::proxy::auth {

// What a door counts.
struct door_view {
  std::uint64_t accepted = 0;
  std::uint64_t refused_unknown = 0;    // no such user, or not the password
  std::uint64_t refused_anonymous = 0;  // no user name where one is needed
  std::uint64_t refused_limited = 0;    // too many failures from the address
  std::uint64_t refused_pool_full = 0;
  std::uint64_t refused_changed = 0;       // the user's line changed while the password was being checked
  std::uint64_t answered_from_memory = 0;  // without a hash
  std::uint64_t answered_together = 0;     // by the hash of another who asked the same at that time
};

// What the pool of threads counts that computes password hashes.
struct hash_pool_view {
  std::uint64_t computed = 0;
  std::uint64_t refused = 0;  // as many waited as may
  std::uint64_t busy_us = 0;  // of all its threads
  std::uint64_t waiting = 0;  // a gauge
};

}  // namespace headgate::proxy::auth
