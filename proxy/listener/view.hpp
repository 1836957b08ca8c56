#pragma once

#include <cstdint>

namespace headgate::proxy::listener {

// What a worker's sockets count.
struct listener_view {
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t receives = 0;
  std::uint64_t sends = 0;
  std::uint64_t sends_partly_taken = 0;
  std::uint64_t refused_too_many_clients = 0;
  std::uint64_t accepts_paused = 0;      // times that no descriptor was free
  std::uint64_t accepts_paused_now = 0;  // 1 while it is so; a gauge
};

}  // namespace headgate::proxy::listener
