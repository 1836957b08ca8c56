#include <string>

#include "base/limits.hpp"
#include "proxy/listener/client_sockets.hpp"

// From a TLS client's first byte to the end of its handshake.
namespace headgate::proxy::listener {

namespace {

std::string name_in_certificate(const net::tls_stream& stream, certificate_user user) {
  switch (user) {
    case certificate_user::none:
      return {};
    case certificate_user::common_name:
      return stream.peer_common_name();
    case certificate_user::alternative_name:
      return stream.peer_alternative_name();
  }
  return {};
}

}  // namespace

bool client_sockets::is_shaking_hands(std::uint32_t client) const {
  if (!connections_[client].tls) return false;
  const auto* tls = tls_.find(client);
  return tls == nullptr || !tls->stream.is_established();
}

// One step, which may be the one with our private key. Those for whom none is left in this turn are reported by the
// poller again.
void client_sockets::shake_hands(std::uint32_t client, worker::client_events& events) {
  if (handshake_steps_left_ == 0) return;
  --handshake_steps_left_;
  auto& connection = connections_[client];
  auto* tls = tls_.find(client);
  if (tls == nullptr) {
    make_room_for_handshake(events);
    tls = &tls_.begin(client, listeners_[connection.listener].tls, connection.fd);
  }
  using step = net::tls_stream::step;
  const auto next = tls->stream.shake_hands();
  if (next == step::failed) return handshake_failed(client, events);
  if (const bool wants = next == step::wants_write; wants != tls->wants_write) {
    tls->wants_write = wants;
    update_interest(client);
  }
  if (next == step::done) handshake_done(client, events);
}

void client_sockets::handshake_done(std::uint32_t client, worker::client_events& events) {
  auto& tls = *tls_.find(client);
  const auto user = listeners_[connections_[client].listener].user;
  tls.user_name = name_in_certificate(tls.stream, user);
  if (user != certificate_user::none && tls.user_name.empty() && tls.stream.peer_has_certificate()) {
    return nameless_certificate(client, events);
  }
  tls_.handshake_done(tls);
  ++(tls.stream.was_resumed() ? counters_.handshakes_resumed : counters_.handshakes_full);
  write_pending(client, events);
}

// Nobody comes in under a name that it chooses itself where names stand in certificates.
void client_sockets::nameless_certificate(std::uint32_t client, worker::client_events& events) {
  ++counters_.handshakes_failed;
  tell_tls(client,
           "was refused: its certificate has no name of the kind that user names are taken from here (user_name of the "
           "listener); give it one, or let the listener take names from CONNECT");
  tls_.find(client)->stream.shut_down();
  end_handshake(client);
  peer_closed(client, events);
}

// Who has sent nothing at all looked whether we are there: nothing failed.
void client_sockets::handshake_failed(std::uint32_t client, worker::client_events& events) {
  const auto& stream = tls_.find(client)->stream;
  if (stream.has_heard()) {
    ++counters_.handshakes_failed;
    tell_tls(client, "failed in its TLS handshake: " + stream.failure());
  }
  end_handshake(client);
  peer_closed(client, events);
}

// Each one in progress takes memory that many who never finish could take from everybody.
void client_sockets::make_room_for_handshake(worker::client_events& events) {
  if (tls_.in_progress() < base::handshakes_in_progress) return;
  const auto oldest = tls_.oldest_in_progress();
  ++counters_.handshakes_gave_way;
  tell_tls(oldest, "was closed in its TLS handshake, which gave way to that of another one: " +
                       std::to_string(base::handshakes_in_progress) +
                       " are in progress; if it is not an attack, use more workers, or connect more slowly");
  end_handshake(oldest);
  peer_closed(oldest, events);
}

// By the gateway, whose patience covers the handshake.
void client_sockets::closed_in_handshake(std::uint32_t client) {
  const bool has_begun = tls_.find(client) != nullptr;
  if (is_listening_) {
    ++counters_.handshakes_timed_out;
    tell_tls(client, has_begun ? "did not finish its TLS handshake in time (limits.connect_timeout_s): look at its "
                                 "network, or at what else connects to this port"
                               : "did not begin a TLS handshake in time (limits.connect_timeout_s): look at what it is "
                                 "that connects to this port and says nothing");
  }
  end_handshake(client);
}

// What is sent to it from now on goes nowhere: it would go without TLS.
void client_sockets::end_handshake(std::uint32_t client) {
  auto& connection = connections_[client];
  connection.broken = true;
  connection.tls = false;
  if (tls_.find(client) != nullptr) tls_.erase(client);
}

void client_sockets::tell_tls(std::uint32_t client, const std::string& what) {
  const auto& connection = connections_[client];
  tls_lines_.tell(connection.fd, listeners_[connection.listener].name, what);
}

void client_sockets::set_listening(const listening& how) {
  for (auto& listener : listeners_) {
    if (listener.name == how.name && (listener.tls == nullptr) == (how.tls == nullptr)) {
      static_cast<listening&>(listener) = how;
    }
  }
}

}  // namespace headgate::proxy::listener
