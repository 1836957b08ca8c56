#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "proxy/listener/client_sockets.hpp"

// How bytes come from a client's socket to the worker, and what is kept of them in between.
namespace headgate::proxy::listener {

// Those whose reading goes on come before the sockets, once a turn each. Whoever stops and goes on in every turn takes
// from what he has here, which grows only when his socket has its turn: nobody starves.
std::size_t client_sockets::hand_over_resumed(worker::client_events& events) {
  const auto count = resumed_.size();
  std::size_t served = 0;
  std::size_t handled = 0;
  while (served < count && handled < base::read_bytes_per_turn) {
    const auto client = resumed_[served++];
    auto& connection = connections_[client];
    if (connection.fd < 0 || !std::exchange(connection.resumed, false) || !connection.reading) continue;
    const bool whole_packet = connection.packet_size <= connection.partial.size();
    if (!connection.partial.empty() && whole_packet) handled += hand_over_partial(client, events);
    if (is_due_from_tls(client)) handled += read(client, events);
  }
  resumed_.erase(resumed_.begin(), resumed_.begin() + static_cast<std::ptrdiff_t>(served));
  return handled;
}

// Unless the client was closed or stopped meanwhile.
bool client_sockets::is_due_from_tls(std::uint32_t client) const {
  const auto& connection = connections_[client];
  if (connection.fd < 0 || !connection.tls || !connection.reading || connection.resumed) return false;
  return !is_shaking_hands(client) && tls_.find(client)->stream.has_more();
}

std::size_t client_sockets::read(std::uint32_t client, worker::client_events& events) {
  const auto& connection = connections_[client];
  const auto left = connection.partial.size();
  const bool much_missing = connection.packet_size > left + base::direct_read_bytes;
  const bool much_there = connection.packet_size > 0 && left >= base::direct_read_bytes;
  const auto got =
      much_missing || much_there ? read_into_partial(client, events) : read_through_scratch(client, events);
  if (is_due_from_tls(client)) expect_more(client);
  return got + std::exchange(tls_cost_, 0);
}

// The usual way: what was left, then new bytes behind it, in the scratch that all clients share.
std::size_t client_sockets::read_through_scratch(std::uint32_t client, worker::client_events& events) {
  auto& connection = connections_[client];
  const auto left = connection.partial.bytes();
  // More is left only of a packet whose size is known, or while the client is stopped.
  static_assert(base::direct_read_bytes + base::read_bytes_per_client <= base::read_scratch_bytes);
  HEADGATE_ASSERT(left.size() <= base::direct_read_bytes);
  std::copy(left.begin(), left.end(), scratch_.get());
  const auto got = receive(client, {scratch_.get() + left.size(), base::read_bytes_per_client});
  if (got.what == net::io_outcome::kind::would_block) return 0;
  if (got.what == net::io_outcome::kind::closed) {
    peer_closed(client, events);
    return 0;
  }
  counters_.bytes_in += got.size;
  const base::bytes data{scratch_.get(), left.size() + got.size};
  std::size_t packet_size = 0;
  const auto done = events.received(client, data, &packet_size);
  if (connection.fd >= 0) keep_rest(client, data.subspan(std::min(done, data.size())), packet_size);
  return got.size;
}

// A large packet is gathered where it will be handled.
std::size_t client_sockets::read_into_partial(std::uint32_t client, worker::client_events& events) {
  auto& connection = connections_[client];
  auto& partial = connection.partial;
  buffers_.make_room(partial, connection.packet_size - partial.size());
  const auto missing = std::min<std::size_t>(connection.packet_size - partial.size(), base::read_bytes_per_client);
  const auto got = receive(client, {partial.data + partial.end, missing});
  if (got.what == net::io_outcome::kind::would_block) return 0;
  if (got.what == net::io_outcome::kind::closed) {
    peer_closed(client, events);
    return 0;
  }
  counters_.bytes_in += got.size;
  partial.end += static_cast<std::uint32_t>(got.size);
  if (partial.size() < connection.packet_size) {
    std::size_t packet_size = 0;
    events.received(client, {}, &packet_size);  // a sign of life
    return got.size;
  }
  return hand_over_partial(client, events);
}

// Returns the bytes that the worker has done with, all in this turn, though they may have come in earlier ones.
std::size_t client_sockets::hand_over_partial(std::uint32_t client, worker::client_events& events) {
  auto& connection = connections_[client];
  // The worker may close the client meanwhile, so the buffer is ours until it has returned.
  auto kept = std::exchange(connection.partial, {});
  connection.packet_size = 0;
  std::size_t packet_size = 0;
  const auto done = std::min<std::size_t>(events.received(client, kept.bytes(), &packet_size), kept.size());
  kept.begin += static_cast<std::uint32_t>(done);
  if (connection.fd < 0 || kept.empty()) {
    buffers_.give_back(kept);
    return done;
  }
  connection.partial = kept;
  connection.packet_size = static_cast<std::uint32_t>(packet_size);
  return done;
}

void client_sockets::keep_rest(std::uint32_t client, base::bytes rest, std::size_t packet_size) {
  auto& connection = connections_[client];
  connection.packet_size = static_cast<std::uint32_t>(packet_size);
  if (rest.empty()) {
    if (connection.partial.data != nullptr) buffers_.give_back(connection.partial);
    return;
  }
  connection.partial.begin = connection.partial.end = 0;
  buffers_.append(connection.partial, rest);
}

void client_sockets::peer_closed(std::uint32_t client, worker::client_events& events) {
  if (is_shaking_hands(client)) end_handshake(client);
  events.closed(client);
  close(client);
}

}  // namespace headgate::proxy::listener
