#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "net/tls_stream.hpp"

namespace headgate::proxy::listener {

// What a client with TLS has besides its connection, from its first byte on.
struct tls_client {
  net::tls_stream stream;
  std::string user_name{};                         // of its certificate, once it is known
  bool wants_write = false;                        // TLS itself has something to send that the socket did not take
  std::list<std::uint32_t>::iterator handshake{};  // its place among those in progress, until it is done
};

// The clients of one worker that speak TLS, by their numbers, and the handshakes in progress, the oldest first. The
// table is as long as the highest number that came with TLS: without such clients it takes nothing. One thread.
class tls_clients {
 public:
  // Null: nothing has been heard of it yet.
  tls_client* find(std::uint32_t client) { return client < clients_.size() ? clients_[client].get() : nullptr; }
  const tls_client* find(std::uint32_t client) const {
    return client < clients_.size() ? clients_[client].get() : nullptr;
  }

  tls_client& begin(std::uint32_t client, const std::shared_ptr<const net::tls_context>& context, int fd);
  void handshake_done(tls_client& client);
  void erase(std::uint32_t client);

  std::size_t in_progress() const { return in_progress_.size(); }
  std::uint32_t oldest_in_progress() const { return in_progress_.front(); }
  std::size_t established() const { return established_; }

 private:
  std::vector<std::unique_ptr<tls_client>> clients_;
  std::list<std::uint32_t> in_progress_;
  std::size_t established_ = 0;
};

}  // namespace headgate::proxy::listener
