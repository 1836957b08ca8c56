#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/tls_settings.hpp"

namespace headgate::net {

// What the TLS connections of a listener, or of a load test, share: certificates, keys, policy, and the keys of session
// tickets (RFC 5077; RFC 8446, 4.6.1), which are renewed each day. OpenSSL 3 behind it. Nothing else changes once it
// is made: new files make a new one, and connections keep the one that they began with.
//
// Threads: any; streams hold a reference of their own.
class tls_context {
 public:
  // Reads the files. Throws tls_error. With `before`, tickets that it gave are still taken; those of the context before
  // that are not. Where clients' certificates are asked for there are no tickets at all: a session goes on without its
  // certificate being looked at, which may have expired since, or be revoked, or the list of who is revoked out of
  // date.
  static std::shared_ptr<const tls_context> of_server(const tls_server_settings& settings,
                                                      const tls_context* before = nullptr);
  static std::shared_ptr<const tls_context> of_client(const tls_client_settings& settings);
  ~tls_context();
  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;

  // Sentences about what was taken though clients may refuse it or be refused, now or within 14 days: certificates and
  // lists of revoked ones that have expired, soon will, or whose time has not come, by the clock of this moment;
  // ciphers that are not forward secret.
  std::vector<std::string> warnings() const;
  // Seconds since 1970 of the earliest end among our certificates and those of their chains; nothing: a client's
  // context without one.
  std::optional<std::int64_t> expires_s() const;
  // Of the lists of revoked certificates; nothing: there is none, or it does not end.
  std::optional<std::int64_t> crl_expires_s() const;

 private:
  friend class tls_stream;
  struct state;
  explicit tls_context(std::unique_ptr<state> state);
  std::unique_ptr<state> state_;
};

}  // namespace headgate::net
