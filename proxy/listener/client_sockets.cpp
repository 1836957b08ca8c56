#include "proxy/listener/client_sockets.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
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

// What waits for a socket is given to it in so many parts at once: with all but the first and the last as large as what
// was there before them, enough for a turn's bound.
constexpr std::size_t pending_parts = 16;

}  // namespace

client_sockets::client_sockets(client_places& places, net::wake_event& wake, base::log_sink& log)
    : places_(places),
      wake_(wake),
      log_(log),
      scratch_(std::make_unique_for_overwrite<std::uint8_t[]>(base::read_scratch_bytes)),
      tls_lines_(log) {
  poller_.add(wake_.fd(), wake_key);
}

client_sockets::~client_sockets() {
  is_listening_ = false;
  for (std::uint32_t client = 0; client < connections_.size(); ++client) {
    if (connections_[client].fd >= 0) close(client);
  }
}

void client_sockets::listen(net::descriptor socket, listening how) {
  HEADGATE_ASSERT(listeners_.size() <= std::numeric_limits<std::uint8_t>::max());
  listeners_.push_back({std::move(how), std::move(socket)});
  poller_.add(listeners_.back().socket.get(), listener_key | (listeners_.size() - 1));
}

void client_sockets::poll(int timeout_ms) {
  if (!resumed_.empty() || !write_due_.empty()) timeout_ms = 0;
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
  handshake_steps_left_ = base::handshake_steps_per_turn;
  pending_bytes_left_ = base::pending_bytes_per_turn;
  auto received = hand_over_resumed(events);
  write_those_due(events);
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
    received += on_event(event, events);
  }
  return poller_.has_event() || poller_.was_full() || !resumed_.empty() || !write_due_.empty();
}

std::size_t client_sockets::on_event(const net::poller::event& event, worker::client_events& events) {
  const auto client = static_cast<std::uint32_t>(event.key);
  const auto& connection = connections_[client];
  bool readable = event.readable;
  if (event.writable && connection.fd >= 0) readable |= go_on_writing(client, events);
  if (!readable || connection.fd < 0 || connection.resumed) return 0;
  if (connection.reading && is_shaking_hands(client)) {
    shake_hands(client, events);
    return is_due_from_tls(client) ? read(client, events) : 0;
  } else if (connection.reading) {
    return read(client, events);
  } else if (event.broken) {
    peer_closed(client, events);  // the poller would say so for ever
  } else if (connection.polled) {
    update_interest(client);
  }
  return 0;
}

void client_sockets::close_listeners() {
  is_listening_ = false;
  for (auto& listener : listeners_) {
    if (!listener.socket) continue;
    poller_.remove(listener.socket.get());
    listener.socket.reset();
  }
}

void client_sockets::accept_clients(std::size_t listener, worker::client_events& events) {
  for (int accepted = 0; accepted < accepts_per_turn && is_listening_; ++accepted) {
    bool out_of_descriptors = false;
    auto socket = net::accept(listeners_[listener].socket.get(), &out_of_descriptors);
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
    connection.tls = listeners_[listener].tls != nullptr;
    events.accepted(client);
  }
}

// Without a free descriptor the listener would be readable for ever: it rests until a client has gone, or a second.
void client_sockets::pause_accepts() {
  if (accepts_paused_) return;
  accepts_paused_ = true;
  counters_.accepts_paused_now = 1;
  accepts_resume_ = std::chrono::steady_clock::now() + accept_pause;
  poll_listeners(false);
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
  poll_listeners(true);
}

void client_sockets::poll_listeners(bool accepting) {
  if (!is_listening_) return;
  for (std::size_t n = 0; n < listeners_.size(); ++n) {
    poller_.set_interest(listeners_[n].socket.get(), listener_key | n, accepting, false);
  }
}

std::uint32_t client_sockets::send(std::uint32_t client, std::span<const base::bytes> parts) {
  auto& connection = connections_[client];
  if (connection.fd < 0 || connection.broken) return 0;
  std::size_t taken = 0;
  const bool shaking_hands = is_shaking_hands(client);
  if (connection.pending.empty() && !shaking_hands) {
    const auto sent = transmit(client, parts);
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
    connection.pending.append(buffers_, part.subspan(skipped));
  }
  if (!connection.pending.empty() && !connection.writing && !shaking_hands) {
    ++counters_.sends_partly_taken;
    connection.writing = true;
    update_interest(client);
  }
  return connection.pending.size();
}

// Those for whom the turn before had no room come before others, each of whom the poller tells about again.
void client_sockets::write_those_due(worker::client_events& events) {
  std::size_t served = 0;
  while (served < write_due_.size() && pending_bytes_left_ > 0) {
    const auto client = write_due_[served++];
    if (connections_[client].fd < 0 || !connections_[client].write_due) continue;
    connections_[client].write_due = false;
    write_pending(client, events);
    update_interest(client);
  }
  write_due_.erase(write_due_.begin(), write_due_.begin() + static_cast<std::ptrdiff_t>(served));
}

// True when TLS goes on where the socket took no more: as if there were something to read.
bool client_sockets::go_on_writing(std::uint32_t client, worker::client_events& events) {
  auto* tls = connections_[client].tls ? tls_.find(client) : nullptr;
  const bool goes_on = tls != nullptr && tls->wants_write;
  if (tls == nullptr && pending_bytes_left_ == 0) {
    if (connections_[client].write_due) return false;
    connections_[client].write_due = true;
    write_due_.push_back(client);
    update_interest(client);  // the poller would tell of it in each turn
    return false;
  }
  if (!is_shaking_hands(client)) write_pending(client, events);
  return goes_on;
}

void client_sockets::write_pending(std::uint32_t client, worker::client_events& events) {
  auto& connection = connections_[client];
  if (connection.pending.empty()) return;
  // TLS has to be given again what it was given before.
  const auto most =
      connection.tls ? std::max(pending_bytes_left_, net::tls_stream::longest_record) : pending_bytes_left_;
  std::array<base::bytes, pending_parts> parts;
  const auto given = connection.pending.first(most, parts);
  const auto given_bytes = std::accumulate(given.begin(), given.end(), std::size_t{0},
                                           [](std::size_t sum, base::bytes part) { return sum + part.size(); });
  const auto sent = transmit(client, given);
  pending_bytes_left_ -= std::min(pending_bytes_left_, sent.size);
  if (sent.what == net::io_outcome::kind::closed) {
    connection.broken = true;
    connection.pending.clear(buffers_);
  } else {
    counters_.bytes_out += sent.size;
    connection.pending.consume(buffers_, sent.size);
    if (!connection.pending.empty()) {
      // What was sent before the end of the handshake has not waited for the socket until now.
      if (!std::exchange(connection.writing, true)) update_interest(client);
      // The socket may take more in the next turn: the gateway hears of it once, not in each turn.
      if (sent.size == given_bytes) return;
      return events.sent(client, connection.pending.size());
    }
  }
  connection.writing = false;
  update_interest(client);
  if (connection.finishing) end_sending(client);
  events.sent(client, 0);
}

void client_sockets::finish(std::uint32_t client) {
  auto& connection = connections_[client];
  if (connection.fd < 0) return;
  connection.finishing = true;
  if (connection.pending.empty()) end_sending(client);
}

void client_sockets::close(std::uint32_t client) {
  auto& connection = connections_[client];
  if (is_shaking_hands(client)) {
    closed_in_handshake(client);
  } else if (connection.tls) {
    tls_.find(client)->stream.shut_down();
    tls_.erase(client);
  }
  // Closing the descriptor takes it out of the poller, too.
  const net::descriptor closed(std::exchange(connection.fd, -1));
  buffers_.give_back(connection.partial);
  connection.pending.clear(buffers_);
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
  const auto& connection = connections_[client];
  const auto& listener = listeners_[connection.listener];
  gateway::entrance entrance{listener.name, listener.anonymous_allowed, {}, {}, is_shaking_hands(client)};
  if (!connection.tls || entrance.handshaking) return entrance;
  const auto& tls = *tls_.find(client);
  entrance.user_name = tls.user_name;
  entrance.tls = tls.stream.version();
  return entrance;
}

void client_sockets::update_interest(std::uint32_t client) {
  auto& connection = connections_[client];
  if (connection.fd < 0) return;
  connection.polled = connection.reading;
  const auto* tls = connection.tls ? tls_.find(client) : nullptr;
  // TLS itself goes on only where it is read: for one who is stopped the poller would tell of it again and again.
  const bool tls_writing = connection.reading && tls != nullptr && tls->wants_write;
  const bool writing = (connection.writing && !connection.write_due) || tls_writing;
  poller_.set_interest(connection.fd, client, connection.reading, writing);
}

listener_view client_sockets::view() const {
  auto view = counters_;
  view.handshakes_now = tls_.in_progress();
  view.tls_clients_now = tls_.established();
  return view;
}

}  // namespace headgate::proxy::listener
