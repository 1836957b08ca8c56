#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "net/tls_handles.hpp"
#include "net/tls_hello_watch.hpp"

// Internal to net/: the socket under a TLS connection.
namespace headgate::net {

// What a peer does that OpenSSL would put up with.
enum class tls_abuse : std::uint8_t { none, long_hello, no_data };

// What OpenSSL reads from and writes to, instead of its own socket BIO: no signal when the peer is gone, and what went
// wrong is remembered beside OpenSSL's queue of errors, which the next connection clears.
struct tls_socket {
  int fd = -1;
  int error = 0;                      // errno of the last failure
  bool ended = false;                 // the peer sends no more
  bool may_hold_more = false;         // the last read was given all that it had room for
  tls_abuse abuse = tls_abuse::none;  // nothing is read any more, as if the connection had broken
  // How much the step that is under way may still read; then it is as if nothing had come. OpenSSL goes on by itself
  // over records without data, as long as there are any.
  std::size_t allowance = 0;
  bool counts_records = false;  // once the handshake is done
  std::uint32_t records_since_data = 0;
  tls_hello_watch hello{};
  // What the peer began with: who speaks another protocol is told apart by it.
  std::uint8_t first_size = 0;
  std::array<std::uint8_t, 8> first{};

  // OpenSSL is about to be called for this connection, which may read and write.
  void begin_step(ssl_st* connection);
  // Nothing is taken from this peer any more.
  void refuse(tls_abuse what);
};

// The socket stays where it is as long as the connection lives, which this thread alone uses. A call of OpenSSL that
// reads or writes comes after begin_step().
void attach_socket(ssl_st* connection, tls_socket& socket);

}  // namespace headgate::net
