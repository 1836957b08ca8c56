#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "net/tcp.hpp"
#include "net/tls_context.hpp"
#include "net/tls_session.hpp"

namespace headgate::net {

// One TLS connection on a non-blocking descriptor, which it does not own. Idle, it holds no buffers. It never blocks
// and calls nobody: it says what it waits for, and its owner polls.
//
// Threads: one. Lifetime: the descriptor is open as long as it is used.
class tls_stream {
 public:
  static constexpr std::size_t longest_record = 16 * 1024;  // RFC 8446, 5.1: bytes of data

  // The role is the context's.
  tls_stream(const std::shared_ptr<const tls_context>& context, int fd);
  ~tls_stream();
  tls_stream(tls_stream&&) noexcept;
  tls_stream& operator=(tls_stream&&) noexcept;

  // A client's, before the handshake: goes on with a session of an earlier connection, where the server still takes it.
  void resume(const tls_session& session);

  enum class step : std::uint8_t { done, wants_read, wants_write, failed };
  // Goes on with the handshake; after `failed`, failure() says why, and the peer has been told by an alert.
  step shake_hands();
  bool is_established() const;
  // Whether the peer has sent a byte.
  bool has_heard() const;

  // As net::receive and net::send; a peer that ends the TLS connection has closed. At most one read of the socket may
  // be behind what is returned: what was decrypted already is told by has_more(), not by a poll. Of the socket it reads
  // base::tls_read_bytes_per_step at most, though that may bring no data; then it would block, and a poll tells of the
  // rest.
  io_outcome receive(std::span<std::uint8_t> into);
  bool has_more() const;
  // What the last receive() took that was no data, in bytes of data that take as long.
  std::size_t receive_cost() const;
  // After receive() would block: it is an answer of TLS itself that the socket did not take, so call receive() again
  // when the socket is writable.
  bool receive_wants_write() const;
  // Takes whole parts into records as large as the peer takes; what it did not take comes again, in the same order and
  // at the beginning of the next call: a record's length of it at least.
  io_outcome send(std::span<const base::bytes> parts);
  // Tells the peer that nothing more will come (close_notify), if the socket takes it.
  void shut_down();

  // For one log line: "the client does not trust our certificate (alert unknown ca)".
  std::string failure() const;
  std::string_view version() const;  // "TLSv1.3"
  bool was_resumed() const;
  // A client's: what the server gave to resume; empty: nothing, or not yet. Of a connection that is over: it is not to
  // be used any more.
  tls_session take_session();
  // Whether the peer has shown one, which was verified, and its names; empty: there is none. The common name; the first
  // DNS name, e-mail address or URI of its subject alternative names, in this order.
  bool peer_has_certificate() const;
  std::string peer_common_name() const;
  std::string peer_alternative_name() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace headgate::net
