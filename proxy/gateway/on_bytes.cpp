#include "proxy/gateway/client_lines.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/pausing.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::connection_state;

// Packets that a server sends, and AUTH, which a client may not use here.
void on_unexpected(proxy_state& state, std::uint32_t client) {
  close_with_error(state, client, mqtt::errc::unexpected_packet_type);
}

void dispatch(proxy_state& state, std::uint32_t client, const mqtt::frame& packet) {
  if (state.sessions[client].state == connection_state::awaiting_connect) {
    // [MQTT-3.1.0-1]
    if (packet.type == mqtt::packet_type::connect) return on_connect(state, client, packet);
    return on_unexpected(state, client);
  }
  switch (packet.type) {
    case mqtt::packet_type::publish:
      return on_publish(state, client, packet);
    case mqtt::packet_type::puback:
      return on_puback(state, client, packet);
    case mqtt::packet_type::pubrec:
      return on_pubrec(state, client, packet);
    case mqtt::packet_type::pubrel:
      return on_pubrel(state, client, packet);
    case mqtt::packet_type::pubcomp:
      return on_pubcomp(state, client, packet);
    case mqtt::packet_type::pingreq:
      return on_pingreq(state, client, packet);
    case mqtt::packet_type::subscribe:
      return on_subscribe(state, client, packet);
    case mqtt::packet_type::unsubscribe:
      return on_unsubscribe(state, client, packet);
    case mqtt::packet_type::disconnect:
      return on_disconnect(state, client, packet);
    case mqtt::packet_type::connect:  // a second one [MQTT-3.1.0-2]
    case mqtt::packet_type::connack:
    case mqtt::packet_type::suback:
    case mqtt::packet_type::unsuback:
    case mqtt::packet_type::pingresp:
    case mqtt::packet_type::auth:
      return on_unexpected(state, client);
  }
}

bool takes_packets(const session::session& session) {
  if (session.pauses != 0) return false;
  return session.state == connection_state::awaiting_connect || session.state == connection_state::connected;
}

// A record of a handshake; RFC 8446, 5.1. As MQTT it would be a CONNECT with flags that are not allowed.
bool begins_tls(base::bytes data) {
  return data.size() >= 2 && data[0] == 0x16 && data[1] == 0x03;
}

void on_tls(proxy_state& state, std::uint32_t client) {
  ++state.counters.refused_malformed;
  tell_problem(state, client, "client_refused",
               "was refused: it speaks TLS on a listener without; let it connect to a listener with TLS, or leave TLS "
               "out");
  close_now(state, client, {});
}

// A PUBLISH finds the subscriptions that its client asked for before it, so that the client hears its own message, with
// each identifier that belongs to it. One shard keeps their order; where several have still to answer, or those of a
// group, PUBLISH waits.
bool has_to_wait(const session::session& session, mqtt::packet_type type) {
  if (session.subscribing == 0) return false;
  if (type == mqtt::packet_type::publish) return true;
  return type == mqtt::packet_type::subscribe && session.subscribing >= base::most_subscribing;
}

// What comes now is kept for later.
bool waits(const session::session& session) {
  return session.pauses != 0 || session.state == connection_state::claiming;
}

}  // namespace

std::size_t on_bytes(proxy_state& state, std::uint32_t client, base::bytes data, std::size_t* packet_size) {
  *packet_size = 0;
  auto& session = state.sessions[client];
  session.last_heard_s = state.now_s();
  std::size_t done = 0;
  while (takes_packets(session)) {
    const auto found = mqtt::next_frame(data.subspan(done), state.terms_of(session).max_packet_bytes, session.version);
    switch (found.what) {
      case mqtt::frame_outcome::kind::complete:
        if (has_to_wait(session, found.packet.type)) {
          pause(state, client, session::pause_subscribing);
          break;
        }
        done += found.size;
        ++state.counters.packets_in;
        dispatch(state, client, found.packet);
        break;
      case mqtt::frame_outcome::kind::incomplete:
        *packet_size = found.size;
        return done;
      case mqtt::frame_outcome::kind::malformed:
        if (session.state == connection_state::awaiting_connect && begins_tls(data.subspan(done))) {
          on_tls(state, client);
          break;
        }
        close_with_error(state, client, found.error);
        break;
    }
  }
  if (waits(session)) return done;
  // Closing: whatever else it sends is read and forgotten.
  return data.size();
}

}  // namespace headgate::proxy::gateway
