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
  // TLS. Handshakes that ended, each counted once.
  std::uint64_t handshakes_full = 0;
  std::uint64_t handshakes_resumed = 0;
  std::uint64_t handshakes_failed = 0;
  std::uint64_t handshakes_timed_out = 0;
  std::uint64_t handshakes_gave_way = 0;  // to newer ones, when too many were in progress
  std::uint64_t handshakes_now = 0;       // in progress; a gauge
  std::uint64_t tls_clients_now = 0;      // whose handshake is done; a gauge
};

}  // namespace headgate::proxy::listener
