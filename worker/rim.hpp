#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace headgate::worker {

// What the sockets tell the worker; the worker implements it.
class client_events {
 public:
  virtual ~client_events() = default;

  virtual void accepted(std::uint32_t client) = 0;
  // Returns how many bytes of `data` are done with. Two reasons to leave a rest: an incomplete packet stands at the
  // end, whose size is set where it is known, else 0 (then less than its fixed header is there); the rest comes again
  // with more behind it. Or reading was stopped (client_port::set_reading) before whole packets: the size is 0, and the
  // rest comes again when reading goes on, with nothing new behind it. `data` may be empty: more of a packet has come,
  // but not yet all. The client may be closed when it returns.
  virtual std::size_t received(std::uint32_t client, base::bytes data, std::size_t* packet_size) = 0;
  virtual void closed(std::uint32_t client) = 0;
  // The socket took more of what was pending.
  virtual void sent(std::uint32_t client, std::uint32_t still_pending) = 0;
};

// The worker's way to its sockets: real ones (proxy/listener), or a fake network in tests. The worker's thread only.
class rim {
 public:
  virtual ~rim() = default;

  // Waits for something to do, at most that long; -1: for ever, 0: not at all. Does not wait when a client whose
  // reading goes on has something kept.
  virtual void poll(int timeout_ms) = 0;
  // Hands over what was kept of clients whose reading goes on, then accepts and reads what the poll found, at most
  // read_bytes_per_client each and read_bytes_per_turn in all. True when something was left, or may be, for the next
  // turn, which then must not wait.
  virtual bool read_clients(client_events& events) = 0;
  // No more accepts.
  virtual void close_listeners() = 0;
};

}  // namespace headgate::worker
