#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "loadtest/relay/pacer.hpp"
#include "loadtest/relay/packet_faults.hpp"
#include "net/buffer_pool.hpp"
#include "net/descriptor.hpp"

// One relayed connection: two sockets and the two directions between them. Plain structs; relay.hpp moves them.
namespace headgate::loadtest::relay {

// The socket towards the client or the server.
//
//   is_connected  not yet for the server's socket until the kernel says so
//   is_polled     in the poller; no more once it is broken, since epoll would report that again and again
struct side {
  net::descriptor socket{};
  bool is_connected = false;
  bool is_polled = false;
  bool reads = false;      // as the poller was told
  bool writes = false;     // the same
  bool has_ended = false;  // its peer sends no more: FIN, or a reset
  bool has_fin = false;    // we sent FIN to it, or it is gone: nothing more can be sent
  bool is_full = false;    // the kernel took no more
};

// One direction.
struct stream {
  packet_faults packets;
  pacer pace;
  bool swallows = false;                       // a black hole, or half closed: what comes is read and goes nowhere
  bool wants_fin = false;                      // half closed: FIN once what waits is sent
  std::uint32_t hole = 0;                      // the rule of the black hole that was reported
  std::uint64_t timer_ns = ~std::uint64_t{0};  // the earliest that is set
};

struct connection {
  connection(fault_plan& plan, fault_log& log, net::buffer_pool& pool, std::uint64_t number, std::uint64_t seed)
      : whose{.number = number},
        streams{stream{packet_faults(plan, log, whose, direction::up), pacer(pool, seed)},
                stream{packet_faults(plan, log, whose, direction::down), pacer(pool, ~seed)}} {}
  connection(const connection&) = delete;

  side& source(direction way) { return way == direction::up ? client : server; }
  side& destination(direction way) { return way == direction::up ? server : client; }
  stream& of(direction way) { return streams[static_cast<std::size_t>(way)]; }

  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  // of the slot: tells events of who had it before
  identity whose;
  identity::protocol known{};  // the protocol for which the settings were made
  bool has_server = true;      // not in a black hole
  bool was_reset = false;      // either side: the other one is reset as well, after what was sent before
  side client{};
  side server{};
  std::array<stream, 2> streams;
};

}  // namespace headgate::loadtest::relay
