#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace headgate::proxy::gateway {

// How a client came in.
struct entrance {
  std::string_view listener;       // its name; empty where there are no listeners
  bool anonymous_allowed = false;  // the listener lets in who has no user name
  std::string_view user_name;      // of its verified certificate, where the listener takes names there; empty: none
  std::string_view tls;            // "TLSv1.3"; empty: plain
  bool handshaking = false;        // its TLS handshake is not done: if it never is, the listener says so
};

// The gateway's side of the clients' sockets; the listener implements it, tests fake it. The worker's thread only.
// The listener chooses a client's number at accept; after close() it may give it to another.
class client_port {
 public:
  virtual ~client_port() = default;

  // Sends the parts in order after what is pending; copies what the socket does not take. Returns the bytes now
  // pending. A broken connection takes everything and is reported as closed in the next turn.
  virtual std::uint32_t send(std::uint32_t client, std::span<const base::bytes> parts) = 0;
  // Nothing more will be sent: half-closes once nothing is pending, and goes on reading.
  virtual void finish(std::uint32_t client) = 0;
  // Closes at once.
  virtual void close(std::uint32_t client) = 0;
  // Stopped (false): nothing of this client is handed over or read from its socket any more, not even whole packets
  // that are here already; in the middle of received(), the caller returns what it has done so far and the rest is
  // kept. Going on (true): what was kept is handed over in the next read_clients(), whether or not the client sends
  // more. A client that breaks the connection while it is stopped is reported as closed, and what was kept is gone; one
  // that only says that it sends no more is reported once reading goes on and all that it sent was handed over. Costs
  // no system call when reading goes on before the client sends more.
  virtual void set_reading(std::uint32_t client, bool reading) = 0;
  // "192.0.2.7:51324", for log lines and operators; also of a client that has broken the connection, until close().
  virtual std::string peer_of(std::uint32_t client) const = 0;
  // Until close(); the views as long.
  virtual entrance entrance_of(std::uint32_t client) const = 0;
};

}  // namespace headgate::proxy::gateway
