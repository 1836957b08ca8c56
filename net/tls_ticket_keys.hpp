#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

struct ssl_ctx_st;

// Internal to net/: what session tickets are encrypted and authenticated with (RFC 5077, 4 and 5.5).
namespace headgate::net {

struct tls_ticket_key {
  std::array<std::uint8_t, 16> name{};
  std::array<std::uint8_t, 32> encrypting{};      // AES-256-CBC
  std::array<std::uint8_t, 32> authenticating{};  // HMAC-SHA256
};

// A server's keys: the one that makes tickets, and the one before it, whose tickets are still taken. A key makes
// tickets until new files come or a day has gone, and is forgotten at the second time: whoever steals the keys reads
// the connections of two days at most, as far as they are not forward secret by themselves.
//
// Threads: any.
class tls_ticket_keys {
 public:
  using time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::hours longest_use{24};

  // Goes on from keys in use until now, or begins anew. Throws std::bad_alloc when the system gives nothing random.
  explicit tls_ticket_keys(tls_ticket_keys* before, time now = std::chrono::steady_clock::now());
  ~tls_ticket_keys();
  tls_ticket_keys(const tls_ticket_keys&) = delete;
  tls_ticket_keys& operator=(const tls_ticket_keys&) = delete;

  tls_ticket_key newest(time now);
  // By the name that stands in a ticket; nothing: it is of another server, or too old.
  std::optional<tls_ticket_key> named(const std::uint8_t* name, time now);

  // Makes the context use them; they outlive it.
  void serve(ssl_ctx_st* context);

 private:
  void renew(time now);

  std::mutex mutex_;  // of all that follows: taken for a copy, once a handshake
  tls_ticket_key newest_{};
  std::optional<tls_ticket_key> before_{};
  time made_at_;
};

}  // namespace headgate::net
