#include "proxy/gateway/closing.hpp"

#include <string>

#include "mqtt/connack.hpp"
#include "mqtt/disconnect.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/subscribing.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::connection_state;

// A client id is whatever a client sent: only what is safe in a log line and on a terminal is shown.
std::string printable(std::string_view id) {
  std::string text(id.substr(0, 64));
  for (auto& letter : text) {
    if (letter < 0x20 || letter > 0x7e) letter = '?';
  }
  return text;
}

void log_refusal(proxy_state& state, std::uint32_t client, mqtt::reason_code reason, std::string_view why) {
  log_client(state, client, "closed: " + std::string(why) + " (" + std::string(mqtt::name_of(reason)) + ")");
}

void linger(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  session.state = connection_state::closing;
  state.timers.set(client, base::linger_s, state.now.monotonic);
  if (session.socket_paused) state.clients.set_reading(client, true);
  // With nothing to say there is nothing to flush, which is where the half-close happens otherwise.
  if (!session.dirty) {
    session.dirty = true;
    state.dirty_others.push_back(client);
  }
}

}  // namespace

void log_client(proxy_state& state, std::uint32_t client, std::string_view what) {
  if (!state.client_lines.admit(state.now.monotonic)) return;
  std::string line = "client '" + printable(state.sessions[client].id.view()) + "' at " +
                     state.clients.peer_of(client) + " " + std::string(what);
  if (const auto left_out = state.client_lines.take_left_out(); left_out > 0) {
    line += "; " + std::to_string(left_out) + " such lines were left out before";
  }
  state.log.write(base::severity::warning, line);
}

void close_with_reason(proxy_state& state, std::uint32_t client, mqtt::reason_code reason, std::string_view why,
                       blame blame) {
  auto& session = state.sessions[client];
  if (blame == blame::client) {
    ++state.counters.refused_malformed;
    log_refusal(state, client, reason, why);
  }
  if (session.state == connection_state::connected && session.version == mqtt::version::v5) {
    mqtt::disconnect packet{.reason = reason, .session_expiry_interval_s = {}, .reason_string = why};
    if (encoded_size(packet, session.version) > session.maximum_packet_size) packet.reason_string = {};
    send_packet(state, client, packet, session.version);
  }
  end_session(state, client);
  linger(state, client);
}

void close_with_error(proxy_state& state, std::uint32_t client, mqtt::errc error) {
  close_with_reason(state, client, mqtt::reason_of(error), mqtt::explain(error), blame::client);
}

void refuse_connect(proxy_state& state, std::uint32_t client, mqtt::version version, mqtt::reason_code reason,
                    std::string_view why) {
  ++state.counters.refused_connects;
  log_refusal(state, client, reason, why);
  send_packet(state, client, mqtt::connack{.reason = reason, .reason_string = why}, version);
  end_session(state, client);
  linger(state, client);
}

void close_now(proxy_state& state, std::uint32_t client) {
  flush_client(state, client);
  end_session(state, client);
  state.sessions[client].state = connection_state::absent;
  state.clients.close(client);
}

void end_session(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  if (session.state == connection_state::connected) {
    state.registry.erase(session.id_hash, client);
    --state.counters.clients;
    end_all_subscriptions(state, client);
    session.inflight.clear(state.inflight_pool);
  }
  session.id = {};
  ++session.generation;
}

}  // namespace headgate::proxy::gateway
