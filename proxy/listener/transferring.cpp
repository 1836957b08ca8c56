#include <cerrno>

#include "net/tcp.hpp"
#include "proxy/listener/client_sockets.hpp"

// Bytes to and from a socket, with TLS or without.
namespace headgate::proxy::listener {

net::io_outcome client_sockets::receive(std::uint32_t client, std::span<std::uint8_t> into) {
  ++counters_.receives;
  const auto& connection = connections_[client];
  if (!connection.tls) return net::receive(connection.fd, into);
  auto& tls = *tls_.find(client);
  const auto got = tls.stream.receive(into);
  tls_cost_ += tls.stream.receive_cost();
  if (const bool wants = tls.stream.receive_wants_write(); wants != tls.wants_write) {
    tls.wants_write = wants;
    update_interest(client);
  }
  if (got.what == net::io_outcome::kind::closed && got.error != 0) {
    if (const auto why = tls.stream.failure(); got.error == EPROTO) tell_tls(client, "lost its TLS connection: " + why);
  }
  return got;
}

net::io_outcome client_sockets::transmit(std::uint32_t client, std::span<const base::bytes> parts) {
  ++counters_.sends;
  const auto& connection = connections_[client];
  if (!connection.tls) return net::send(connection.fd, parts);
  const auto sent = tls_.find(client)->stream.send(parts);
  // The poller knows of sockets alone.
  if (sent.what == net::io_outcome::kind::closed) expect_more(client);
  return sent;
}

// After what is pending, of which there is nothing.
void client_sockets::end_sending(std::uint32_t client) {
  const auto& connection = connections_[client];
  if (connection.tls && !is_shaking_hands(client)) tls_.find(client)->stream.shut_down();
  net::shut_down_writes(connection.fd);
}

// What TLS has of it already comes in the next turn: the poller would not tell.
void client_sockets::expect_more(std::uint32_t client) {
  auto& connection = connections_[client];
  if (!connection.tls || !connection.reading || connection.resumed) return;
  if (!tls_.find(client)->stream.has_more()) return;
  connection.resumed = true;
  resumed_.push_back(client);
}

}  // namespace headgate::proxy::listener
