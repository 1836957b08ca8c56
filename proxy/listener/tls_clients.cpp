#include "proxy/listener/tls_clients.hpp"

#include "base/assert.hpp"

namespace headgate::proxy::listener {

tls_client& tls_clients::begin(std::uint32_t client, const std::shared_ptr<const net::tls_context>& context, int fd) {
  if (clients_.size() <= client) clients_.resize(client + std::size_t{1});
  auto& place = clients_[client];
  HEADGATE_ASSERT(place == nullptr);
  place = std::make_unique<tls_client>(tls_client{.stream = {context, fd}});
  place->handshake = in_progress_.insert(in_progress_.end(), client);
  return *place;
}

void tls_clients::handshake_done(tls_client& client) {
  in_progress_.erase(client.handshake);
  client.handshake = in_progress_.end();
  ++established_;
}

void tls_clients::erase(std::uint32_t client) {
  auto& place = clients_[client];
  if (place->handshake == in_progress_.end()) {
    --established_;
  } else {
    in_progress_.erase(place->handshake);
  }
  place.reset();
}

}  // namespace headgate::proxy::listener
