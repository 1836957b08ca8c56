#pragma once

#include <array>
#include <cstdint>

#include "net/tls_handles.hpp"

// Internal to net/: the socket under a TLS connection.
namespace headgate::net {

// What OpenSSL reads from and writes to, instead of its own socket BIO: no signal when the peer is gone, and what went
// wrong is remembered beside OpenSSL's queue of errors, which the next connection clears.
struct tls_socket {
  int fd = -1;
  int error = 0;               // errno of the last failure
  bool ended = false;          // the peer sends no more
  bool may_hold_more = false;  // the last read was given all that it had room for
  // What the peer began with: who speaks another protocol is told apart by it.
  std::uint8_t first_size = 0;
  std::array<std::uint8_t, 8> first{};
};

// The socket stays where it is as long as the connection lives.
void attach_socket(ssl_st* connection, tls_socket& socket);

}  // namespace headgate::net
