#include "proxy/listener/client_sockets.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/limits.hpp"
#include "net/tcp.hpp"

namespace headgate::proxy::listener {

namespace {

// Keys of the poller: clients have their number, the others a bit above it.
constexpr std::uint64_t listener_key = std::uint64_t{1} << 32;
constexpr std::uint64_t wake_key = std::uint64_t{1} << 33;

// How long accepts rest when the system had nothing left for another client.
constexpr int accept_pause_ms = 1000;

// One turn accepts no more than this, so that a storm of connects never starves those who are there.
constexpr int accepts_per_turn = 64;

}  // namespace

client_sockets::client_sockets(std::uint32_t max_clients, net::wake_event& wake, base::log_sink& log)
    : max_clients_(max_clients),
      wake_(wake),
      log_(log),
      scratch_(std::make_unique_for_overwrite<std::uint8_t[]>(base::read_scratch_bytes)) {
  poller_.add(wake_.fd(), wake_key);
}

client_sockets::~client_sockets() {
  for (std::uint32_t client = 0; client < connections_.size(); ++client) {
    if (connections_[client].fd >= 0) close(client);
  }
}

std::uint16_t client_sockets::listen(const std::string& address, std::uint16_t port) {
  listeners_.push_back(net::listen_tcp(address, port));
  poller_.add(listeners_.back().get(), listener_key | (listeners_.size() - 1));
  return net::local_port(listeners_.back().get());
}

void client_sockets::poll(int timeout_ms) {
  if (!accepts_paused_) return poller_.wait(timeout_ms);
  // Whatever was short may be there again without any client of ours having gone.
  poller_.wait(timeout_ms < 0 ? accept_pause_ms : std::min(timeout_ms, accept_pause_ms));
  if (!poller_.has_event()) resume_accepts();
}

bool client_sockets::read_clients(worker::client_events& events) {
  std::size_t received = 0;
  while (poller_.has_event() && received < base::read_bytes_per_turn) {
    const auto event = poller_.take();
    if (event.key == wake_key) {
      wake_.clear();
      continue;
    }
    if (event.key & listener_key) {
      accept_clients(event.key & ~listener_key, events);
      continue;
    }
    const auto client = static_cast<std::uint32_t>(event.key);
    if (event.writable && connections_[client].fd >= 0) write_pending(client, events);
    if (event.readable && connections_[client].fd >= 0) received += read(client, events);
  }
  return poller_.has_event() || poller_.was_full();
}

void client_sockets::close_listeners() {
  for (const auto& listener : listeners_) poller_.remove(listener.get());
  listeners_.clear();
}

void client_sockets::accept_clients(std::size_t listener, worker::client_events& events) {
  for (int accepted = 0; accepted < accepts_per_turn && listener < listeners_.size(); ++accepted) {
    bool out_of_descriptors = false;
    auto socket = net::accept(listeners_[listener].get(), &out_of_descriptors);
    if (out_of_descriptors) return pause_accepts();
    if (!socket) return;
    if (connections_.in_use() >= max_clients_) {
      if (counters_.refused_too_many_clients++ == 0) {
        log_.write(base::severity::error, "refusing clients: all " + std::to_string(max_clients_) +
                                              " places are taken; raise limits.max_clients or the limit of open files");
      }
      continue;
    }
    const auto client = connections_.acquire();
    auto& connection = connections_[client];
    connection = {};
    if (!poller_.try_add(socket.get(), client)) {
      connections_.release(client);
      return pause_accepts();
    }
    connection.fd = socket.release();
    events.accepted(client);
  }
}

// Without a free descriptor the listener would be readable for ever: it rests until a client has gone, or a second.
void client_sockets::pause_accepts() {
  if (accepts_paused_) return;
  accepts_paused_ = true;
  for (std::size_t n = 0; n < listeners_.size(); ++n) {
    poller_.set_interest(listeners_[n].get(), listener_key | n, false, false);
  }
  if (counters_.accepts_paused++ % 1000 != 0) return;
  log_.write(base::severity::error,
             "no descriptor or memory for another client: accepting again when one has gone, or in a second; raise the "
             "limit of open files");
}

void client_sockets::resume_accepts() {
  if (!accepts_paused_) return;
  accepts_paused_ = false;
  for (std::size_t n = 0; n < listeners_.size(); ++n) {
    poller_.set_interest(listeners_[n].get(), listener_key | n, true, false);
  }
}

std::size_t client_sockets::read(std::uint32_t client, worker::client_events& events) {
  const auto& connection = connections_[client];
  const auto left = connection.partial.size();
  const bool much_missing = connection.packet_size > left + base::direct_read_bytes;
  const bool much_there = connection.packet_size > 0 && left >= base::direct_read_bytes;
  return much_missing || much_there ? read_into_partial(client, events) : read_through_scratch(client, events);
}

// The usual way: what was left, then new bytes behind it, in the scratch that all clients share.
std::size_t client_sockets::read_through_scratch(std::uint32_t client, worker::client_events& events) {
  auto& connection = connections_[client];
  const auto left = connection.partial.bytes();
  std::copy(left.begin(), left.end(), scratch_.get());
  ++counters_.receives;
  const auto got = net::receive(connection.fd, {scratch_.get() + left.size(), base::read_bytes_per_client});
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
  ++counters_.receives;
  const auto got = net::receive(connection.fd, {partial.data + partial.end, missing});
  if (got.what == net::io_outcome::kind::would_block) return 0;
  if (got.what == net::io_outcome::kind::closed) {
    peer_closed(client, events);
    return 0;
  }
  counters_.bytes_in += got.size;
  partial.end += static_cast<std::uint32_t>(got.size);
  std::size_t packet_size = 0;
  if (partial.size() < connection.packet_size) {
    events.received(client, {}, &packet_size);  // a sign of life
    return got.size;
  }
  // The worker may close the client meanwhile, so the buffer is ours until it has returned.
  auto whole = std::exchange(partial, {});
  connection.packet_size = 0;
  const std::size_t size = whole.size();
  events.received(client, whole.bytes(), &packet_size);
  buffers_.give_back(whole);
  return size;  // all of it is handled in this turn
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
  events.closed(client);
  close(client);
}

std::uint32_t client_sockets::send(std::uint32_t client, std::span<const base::bytes> parts) {
  auto& connection = connections_[client];
  if (connection.fd < 0 || connection.broken) return 0;
  std::size_t taken = 0;
  if (connection.pending.empty()) {
    ++counters_.sends;
    const auto sent = net::send(connection.fd, parts);
    if (sent.what == net::io_outcome::kind::closed) {
      connection.broken = true;
      return 0;
    }
    taken = sent.size;
    counters_.bytes_out += taken;
  }
  for (const auto part : parts) {
    const auto skipped = std::min(taken, part.size());
    taken -= skipped;
    buffers_.append(connection.pending, part.subspan(skipped));
  }
  if (!connection.pending.empty() && !connection.writing) {
    ++counters_.sends_partly_taken;
    connection.writing = true;
    update_interest(client);
  }
  return connection.pending.size();
}

void client_sockets::write_pending(std::uint32_t client, worker::client_events& events) {
  auto& connection = connections_[client];
  if (connection.pending.empty()) return;
  const std::array<base::bytes, 1> rest{connection.pending.bytes()};
  ++counters_.sends;
  const auto sent = net::send(connection.fd, rest);
  if (sent.what == net::io_outcome::kind::closed) {
    connection.broken = true;
    buffers_.give_back(connection.pending);
  } else {
    counters_.bytes_out += sent.size;
    connection.pending.begin += static_cast<std::uint32_t>(sent.size);
    if (!connection.pending.empty()) return events.sent(client, connection.pending.size());
    buffers_.give_back(connection.pending);
  }
  connection.writing = false;
  update_interest(client);
  if (connection.finishing) net::shut_down_writes(connection.fd);
  events.sent(client, 0);
}

void client_sockets::finish(std::uint32_t client) {
  auto& connection = connections_[client];
  if (connection.fd < 0) return;
  connection.finishing = true;
  if (connection.pending.empty()) net::shut_down_writes(connection.fd);
}

void client_sockets::close(std::uint32_t client) {
  auto& connection = connections_[client];
  // Closing the descriptor takes it out of the poller, too.
  const net::descriptor closed(std::exchange(connection.fd, -1));
  buffers_.give_back(connection.partial);
  buffers_.give_back(connection.pending);
  connections_.release(client);
  resume_accepts();
}

void client_sockets::set_reading(std::uint32_t client, bool reading) {
  connections_[client].reading = reading;
  update_interest(client);
}

std::string client_sockets::peer_of(std::uint32_t client) const {
  return net::peer_address(connections_[client].fd);
}

void client_sockets::update_interest(std::uint32_t client) {
  const auto& connection = connections_[client];
  if (connection.fd >= 0) poller_.set_interest(connection.fd, client, connection.reading, connection.writing);
}

}  // namespace headgate::proxy::listener
