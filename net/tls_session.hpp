#pragma once

#include <utility>

struct ssl_session_st;  // OpenSSL's, by its own tag

namespace headgate::net {

// What a server gave a client so that the client's next connection can do without a full handshake (a ticket: RFC 5077;
// RFC 8446, 4.6.1). Made by tls_stream::take_session(), and given to the next stream.
//
// Threads: one. Lifetime: its own; streams that use it keep what they need.
class tls_session {
 public:
  tls_session() noexcept = default;
  ~tls_session();
  tls_session(tls_session&& from) noexcept : session_(std::exchange(from.session_, nullptr)) {}
  tls_session& operator=(tls_session&& from) noexcept {
    std::swap(session_, from.session_);
    return *this;
  }

  bool empty() const { return session_ == nullptr; }

 private:
  friend class tls_stream;
  explicit tls_session(ssl_session_st* owned) noexcept : session_(owned) {}

  ssl_session_st* session_ = nullptr;
};

}  // namespace headgate::net
