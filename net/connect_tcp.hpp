#pragma once

#include <cstdint>
#include <string>

#include "net/descriptor.hpp"

namespace headgate::net {

// How a connection is made.
struct connecting {
  std::string address;  // IPv4 or IPv6, as a number
  std::uint16_t port = 0;
  std::string source;    // the address it comes from, of the same family; empty: the system chooses
  bool no_delay = true;  // TCP_NODELAY
};

// Starts a TCP connection without blocking. The descriptor becomes writable when it stands or has failed:
// connect_error() tells which. Without a descriptor `error` is an errno value (EADDRNOTAVAIL: the source has no port
// left; EMFILE: the process has no descriptor left; EINVAL: no address).
struct connect_outcome {
  descriptor socket;
  int error = 0;
};
connect_outcome connect_tcp(const connecting& how);

// 0 when the connection stands; the errno value of its failure otherwise.
int connect_error(int fd);

// Makes closing send a reset at once: neither side keeps the connection for a while, so that ports do not run out.
void reset_on_close(int fd);

}  // namespace headgate::net
