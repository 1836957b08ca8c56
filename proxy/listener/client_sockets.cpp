#include "proxy/listener/client_sockets.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "net/tcp.hpp"

namespace headgate::proxy::listener {

namespace {

// Keys of the poller: clients have their number, the others a bit above it.
constexpr std::uint64_t listener_key = std::uint64_t{1} << 32;
constexpr std::uint64_t wake_key = std::uint64_t{1} << 33;

// How long accepts rest when the system had nothing left for another client.
constexpr std::chrono::milliseconds accept_pause{1000};

// One turn accepts no more than this, so that a storm of connects never starves those who are there.
constexpr int accepts_per_turn = 64;

}  // namespace

client_sockets::client_sockets(client_places& places, net::wake_event& wake, base::log_sink& log)
    : places_(places),
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

void client_sockets::listen(net::descriptor listener, std::string name) {
  HEADGATE_ASSERT(listeners_.size() <= std::numeric_limits<std::uint8_t>::max());
  listeners_.push_back(std::move(listener));
  listener_names_.push_back(std::move(name));
  poller_.add(listeners_.back().get(), listener_key | (listeners_.size() - 1));
}

void client_sockets::poll(int timeout_ms) {
  if (!resumed_.empty()) timeout_ms = 0;
  if (!accepts_paused_) return poller_.wait(timeout_ms);
  // Whatever was short may be there again without any client of ours having gone; also while those that are here keep
  // us busy.
  using std::chrono::steady_clock;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(accepts_resume_ - steady_clock::now()).count();
  const auto left_ms = static_cast<int>(std::max<std::int64_t>(left, 0));
  poller_.wait(timeout_ms < 0 ? left_ms : std::min(timeout_ms, left_ms));
  if (steady_clock::now() >= accepts_resume_) resume_accepts();
}

bool client_sockets::read_clients(worker::client_events& events) {
  auto received = hand_over_resumed(events);
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
    const auto& connection = connections_[client];
    if (!event.readable || connection.fd < 0 || connection.resumed) continue;
    if (connection.reading) {
      received += read(client, events);
    } else if (event.broken) {
      peer_closed(client, events);  // the poller would say so for ever
    } else if (connection.polled) {
      update_interest(client);
    }
  }
  return poller_.has_event() || poller_.was_full() || !resumed_.empty();
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
    if (!places_.take()) {
      ++counters_.refused_too_many_clients;
      if (places_.first_refusal()) {
        const auto text = "refusing clients: all " + std::to_string(places_.most()) +
                          " places are taken; raise limits.max_clients or the limit of open files";
        log_.write({.severity = base::severity::error, .event = "clients_refused", .text = text, .fields = {}});
      }
      continue;
    }
    const auto client = connections_.acquire();
    auto& connection = connections_[client];
    connection = {};
    if (!poller_.try_add(socket.get(), client)) {
      connections_.release(client);
      places_.give_back();
      return pause_accepts();
    }
    connection.fd = socket.release();
    connection.listener = static_cast<std::uint8_t>(listener);
    events.accepted(client);
  }
}

// Without a free descriptor the listener would be readable for ever: it rests until a client has gone, or a second.
void client_sockets::pause_accepts() {
  if (accepts_paused_) return;
  accepts_paused_ = true;
  counters_.accepts_paused_now = 1;
  accepts_resume_ = std::chrono::steady_clock::now() + accept_pause;
  for (std::size_t n = 0; n < listeners_.size(); ++n) {
    poller_.set_interest(listeners_[n].get(), listener_key | n, false, false);
  }
  if (counters_.accepts_paused++ % 1000 != 0) return;
  log_.write({.severity = base::severity::error,
              .event = "accepts_paused",
              .text = "no descriptor or memory for another client: accepting again when one has gone, or in a second; "
                      "raise the limit of open files",
              .fields = {}});
}

void client_sockets::resume_accepts() {
  if (!accepts_paused_) return;
  accepts_paused_ = false;
  counters_.accepts_paused_now = 0;
  for (std::size_t n = 0; n < listeners_.size(); ++n) {
    poller_.set_interest(listeners_[n].get(), listener_key | n, true, false);
  }
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
  places_.give_back();
  resume_accepts();
}

void client_sockets::set_reading(std::uint32_t client, bool reading) {
  auto& connection = connections_[client];
  if (connection.reading == reading) return;
  connection.reading = reading;
  // The poller is told only when it has something to say that we do not want to hear.
  if (!reading) return;
  if (!connection.polled) update_interest(client);
  if (!std::exchange(connection.resumed, true)) resumed_.push_back(client);
}

std::string client_sockets::peer_of(std::uint32_t client) const {
  return net::peer_address(connections_[client].fd);
}

gateway::entrance client_sockets::entrance_of(std::uint32_t client) const {
  return {listener_names_[connections_[client].listener], true, {}, {}};
}

void client_sockets::update_interest(std::uint32_t client) {
  auto& connection = connections_[client];
  if (connection.fd < 0) return;
  connection.polled = connection.reading;
  poller_.set_interest(connection.fd, client, connection.reading, connection.writing);
}

}  // namespace headgate::proxy::listener
