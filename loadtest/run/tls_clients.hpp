#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "loadtest/core/plan.hpp"
#include "net/tls_context.hpp"
#include "net/tls_session.hpp"
#include "net/tls_stream.hpp"

namespace headgate::loadtest::run {

// What the TLS connections of a run share, and the sessions that its clients may resume. One thread.
class tls_clients {
 public:
  // Reads the plan's files. Throws net::tls_error.
  tls_clients(const core::plan& plan, std::size_t clients);

  // A connection to the target with this number; the descriptor outlives it.
  std::unique_ptr<net::tls_stream> begin(std::uint32_t client, std::size_t target, int fd) const;
  // Its handshake is done.
  void count(const net::tls_stream& stream);
  // The connection has ended, and is not used any more: what the server gave is kept for the client's next one.
  void end(std::uint32_t client, net::tls_stream& stream);

  std::uint64_t full() const { return full_; }
  std::uint64_t resumed() const { return resumed_; }

 private:
  std::vector<std::shared_ptr<const net::tls_context>> contexts_;  // by target
  std::vector<net::tls_session> sessions_;                         // by client; none if they are not to be resumed
  std::uint64_t full_ = 0;
  std::uint64_t resumed_ = 0;
};

}  // namespace headgate::loadtest::run
