#include <array>

#include "loadtest/relay/relay.hpp"
#include "net/connect_tcp.hpp"
#include "net/tcp.hpp"

// How bytes go from one side to the other.
namespace headgate::loadtest::relay {

void relay::handle(const net::poller::event& event) {
  if (event.key == 0) {
    accept_clients();
    return;
  }
  if (event.key <= watched_.size()) {
    const auto readable = watched_[event.key - 1].readable;  // a copy: it may unwatch itself
    if (readable) readable();
    return;
  }
  if (auto* at = find(event.key)) {
    handle_side(*at, (event.key & 1) == 0 ? direction::up : direction::down, event);
  }
}

// An event of the side that `way` comes from.
void relay::handle_side(connection& at, direction way, const net::poller::event& event) {
  auto& which = at.source(way);
  if (!which.is_connected && !finish_connecting(at)) return;
  if (event.writable) which.is_full = false;
  if (event.broken) take_down(at, way);
  if (event.readable) read(at, way);
  settle(at);
}

bool relay::finish_connecting(connection& at) {
  if (const int error = net::connect_error(at.server.socket.get()); error != 0) {
    fail_connect(error);
    close(at, true);
    return false;
  }
  at.server.is_connected = true;
  return true;
}

// The socket has an error, or both of its directions are closed. The latter is an end like any other when we have
// closed ours. What the peer sent before can still be read.
void relay::take_down(connection& at, direction way) {
  auto& which = at.source(way);
  if (which.is_polled) poller_.remove(which.socket.get());
  which.is_polled = false;
  const bool has_error = net::connect_error(which.socket.get()) != 0;
  at.was_reset |= has_error || !which.has_fin;
  which.has_fin = true;
  const auto outgoing = way == direction::up ? direction::down : direction::up;
  at.of(outgoing).pace.clear();
}

void relay::read(connection& at, direction way) {
  auto& from = at.source(way);
  if (from.has_ended || !wants_more(at, way)) return;
  const auto got = net::receive(from.socket.get(), scratch_);
  // Of a broken socket nothing more can come.
  if (got.what == net::io_outcome::kind::would_block && from.is_polled) return;
  out_.clear();
  auto& stream = at.of(way);
  if (got.what != net::io_outcome::kind::done) {
    from.has_ended = true;
    stream.packets.finish(out_);
  } else {
    log_.done.of(way).bytes += got.size;
    if (stream.wants_fin) return;  // half closed: nobody hears it
    stream.packets.take(base::bytes(scratch_).first(got.size), out_);
    if (at.known != at.whose.speaks) refresh(at);
  }
  push(at, way);
}

// What stands in out_ waits to be sent.
void relay::push(connection& at, direction way) {
  auto& stream = at.of(way);
  if (!at.has_server || stream.swallows || stream.wants_fin || at.destination(way).has_fin) return;
  stream.pace.push(out_, now_ns_);
}

void relay::send(connection& at, direction way) {
  auto& to = at.destination(way);
  auto& stream = at.of(way);
  while (to.is_connected && !to.has_fin && !to.is_full) {
    const std::array<base::bytes, 1> ready{stream.pace.ready(now_ns_)};
    if (ready[0].empty()) break;
    const auto sent = net::send(to.socket.get(), ready);
    if (sent.what == net::io_outcome::kind::done) stream.pace.consume(sent.size);
    if (sent.what == net::io_outcome::kind::would_block) to.is_full = true;
    if (sent.what == net::io_outcome::kind::closed) {  // gone: its own event says so, too
      at.was_reset = true;
      to.has_fin = true;
      stream.pace.clear();
    }
  }
  const bool is_last = at.source(way).has_ended || stream.wants_fin;
  if (!is_last || stream.pace.waiting() > 0 || !to.is_connected || to.has_fin) return;
  to.has_fin = true;
  if (!at.was_reset) net::shut_down_writes(to.socket.get());
}

bool relay::wants_more(connection& at, direction way) {
  return !at.source(way).has_ended && at.of(way).pace.waiting() < max_waiting_bytes;
}

bool relay::is_done(connection& at, direction way) {
  if (!at.has_server) return at.client.has_ended || at.client.has_fin;
  // After a reset, nothing more is wanted than what was sent before it.
  if (at.was_reset && at.destination(way).has_fin) return true;
  return at.source(way).has_ended && at.destination(way).has_fin;
}

// Sends what can be sent, ends what has ended, and says what is waited for. The connection may be gone afterwards.
void relay::settle(connection& at) {
  for (const auto way : {direction::up, direction::down}) {
    if (!at.has_server && way == direction::down) break;
    send(at, way);
    // A broken socket is not in the poller any more: what it still has is read when there is room.
    while (!at.source(way).is_polled && at.source(way).is_connected && wants_more(at, way) && !at.whose.is_cut) {
      read(at, way);
      send(at, way);
    }
  }
  if (at.whose.is_cut) {
    close(at, true);
    return;
  }
  if (is_done(at, direction::up) && is_done(at, direction::down)) {
    close(at, at.was_reset);
    return;
  }
  update_interest(at, at.client, direction::down);
  update_interest(at, at.server, direction::up);
  set_timer(at, direction::up);
  set_timer(at, direction::down);
}

// `outgoing`: the direction whose bytes the side is sent.
void relay::update_interest(connection& at, side& which, direction outgoing) {
  if (!which.is_polled) return;
  const auto incoming = outgoing == direction::up ? direction::down : direction::up;
  const bool reads = which.is_connected && wants_more(at, incoming);
  const bool writes = !which.is_connected || (which.is_full && !which.has_fin);
  if (reads == which.reads && writes == which.writes) return;
  which.reads = reads;
  which.writes = writes;
  poller_.set_interest(which.socket.get(), key_of(at, which), reads, writes);
}

void relay::set_timer(connection& at, direction way) {
  auto& stream = at.of(way);
  const auto& to = at.destination(way);
  if (stream.pace.waiting() == 0 || !to.is_connected || to.is_full || to.has_fin) return;
  const auto next_ns = stream.pace.next_ns(now_ns_);
  if (next_ns >= stream.timer_ns) return;
  stream.timer_ns = next_ns;
  timers_.push({next_ns, key_of(at, at.source(way))});
}

}  // namespace headgate::loadtest::relay
