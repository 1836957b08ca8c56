#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace headgate::loadtest::core {

// Port: the connections of a fleet's clients, by the client's number in the fleet. What happens on them comes as calls
// of on_bytes(), on_writable() and on_closed() (fleet.hpp), never from within a call of this port. One thread.
class wire {
 public:
  virtual ~wire() = default;

  // Begins a connection. There is no event when it stands: what is sent meanwhile waits; if it fails, on_closed() says
  // why.
  virtual void connect(std::uint32_t client) = 0;
  // Takes all of `data`. False: some of it waits; on_writable() tells when all has gone.
  virtual bool send(std::uint32_t client, base::bytes data) = 0;
  // At once, by a reset, as if the client's network had failed. No event of this connection follows.
  virtual void close(std::uint32_t client) = 0;
};

}  // namespace headgate::loadtest::core
