#pragma once

#include <cstdint>

#include "base/limits.hpp"
#include "net/buffer_pool.hpp"
#include "net/send_queue.hpp"

namespace headgate::proxy::listener {

// One client's socket: a plain struct in the worker's slab. Idle, it owns nothing but the descriptor.
struct connection {
  int fd = -1;
  bool reading = true;            // as the gateway wants it
  bool polled = true;             // the poller reports what can be read
  bool resumed = false;           // stands in the list of those of whom something is here
  bool writing = false;           // waits until the socket takes more
  bool finishing : 1 = false;     // half-close once nothing is pending
  bool broken : 1 = false;        // a send failed; the poll will say so
  bool write_due : 1 = false;     // stands in the list of those whose sockets take more
  bool tls = false;               // has a place in tls_clients, from its first byte on
  std::uint8_t listener = 0;      // through which it came, by the order of listen()
  std::uint32_t packet_size = 0;  // of the incomplete packet in `partial`, where known
  net::buffer partial;            // the start of a packet whose end has not come, or what was kept when reading stopped
  net::send_queue pending;        // what the socket did not take
};
static_assert(sizeof(connection) <= base::connection_bytes);

}  // namespace headgate::proxy::listener
