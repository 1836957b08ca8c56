#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "admin/server.hpp"

namespace headgate::admin {

struct check {
  std::string name;
  bool ok = false;
  std::string why;  // also when it is ok: what was seen
};

// What two asks compare: whether something stands still shows only over time.
struct readiness_history {
  struct log_progress {
    std::uint64_t end = 0;
    std::uint64_t delivered = 0;
  };
  std::uint64_t taken_ms = 0;                  // of a clock that never goes back; 0: there was no ask yet
  std::map<std::uint16_t, log_progress> logs;  // by shard
};

// Whether this server can serve, check by check, all of which have to be ok:
//   workers   every worker answered in time (`answer` holds something)
//   accepts   no listener has stopped accepting, since no descriptor is free
//   logs      no shard's log refuses messages for its disk, and none stood still since then: it had something to
//   commit,
//             and has committed nothing
//   sessions  those on disk can be written
//   draining  nobody asked this server to go
// An ask within a second of the one remembered compares with that as well and does not replace it, so that two who ask
// one after the other don't find the log standing still for the moment between them.
std::vector<check> check_readiness(const std::optional<measures>& answer, bool draining, std::uint64_t now_ms,
                                   readiness_history& history);

}  // namespace headgate::admin
