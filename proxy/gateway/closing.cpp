#include "proxy/gateway/closing.hpp"

#include <string>
#include <utility>

#include "mqtt/connack.hpp"
#include "mqtt/disconnect.hpp"
#include "proxy/gateway/connecting.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/gauges.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/publishing.hpp"
#include "proxy/gateway/retained.hpp"
#include "proxy/gateway/storing.hpp"
#include "proxy/gateway/subscribing.hpp"
#include "proxy/gateway/waiting.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::connection_state;

void log_refusal(proxy_state& state, std::uint32_t client, mqtt::reason_code reason, std::string_view why) {
  log_client(state, client, "closed: " + std::string(why) + " (" + std::string(mqtt::name_of(reason)) + ")");
}

// A will goes out now, or waits in the store for its delay or for the session's end [MQTT-3.1.2-8].
void leave_will(proxy_state& state, std::uint32_t client, session_store::release& release) {
  const auto& session = state.sessions[client];
  if (!session.more || !session.more->will) return;
  const auto& will = *session.more->will;
  if (will.delay_s == 0 || session.expiry_s == 0) return publish_will(state, will, session.id_hash);
  release.will = encode(session_store::stored_will{will.topic, will.payload, will.properties, will.expiry_s,
                                                   static_cast<std::uint8_t>(will.qos), will.retain, session.id_hash});
  release.will_s = will.delay_s;
}

void release_session(proxy_state& state, std::uint32_t client,
                     const std::optional<session_store::takeover_answer>& asker) {
  auto& session = state.sessions[client];
  session_store::release release;
  release.client_id = session.id.view();
  release.token = token_of(session);
  release.expiry_s = session.expiry_s;
  if (session.expiry_s > 0) release.record = encode(record_of(state, client));
  leave_will(state, client, release);
  end_scans(state, client);
  stop_waiting(state, client);
  end_all_subscriptions(state, client);
  session.positions.clear();
  session.inflight.clear(state.inflight_pool);
  release.request = state.releases.acquire();
  state.releases[release.request] = {asker.has_value(), asker.value_or(session_store::takeover_answer{})};
  state.ports.store.submit(std::move(release));
}

void say_goodbye(proxy_state& state, std::uint32_t client, mqtt::reason_code reason, std::string_view why) {
  const auto& session = state.sessions[client];
  if (session.state != connection_state::connected || session.version != mqtt::version::v5) return;
  mqtt::disconnect packet{.reason = reason, .session_expiry_interval_s = {}, .reason_string = why};
  if (encoded_size(packet, session.version) > session.maximum_packet_size) packet.reason_string = {};
  send_packet(state, client, packet, session.version);
}

void linger(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  session.state = connection_state::closing;
  state.timers.set(client, base::linger_s, state.now.monotonic);
  if (session.pauses != 0) state.ports.clients.set_reading(client, true);
  session.pauses = 0;
  // With nothing to say there is nothing to flush, which is where the half-close happens otherwise.
  if (!session.dirty) {
    session.dirty = true;
    state.dirty_others.push_back(client);
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown(text.substr(0, 64));
  for (auto& letter : shown) {
    if (letter < 0x20 || letter > 0x7e) letter = '?';
  }
  return shown;
}

void log_client(proxy_state& state, std::uint32_t client, std::string_view what) {
  if (!state.client_lines.admit(state.now.monotonic)) return;
  std::string line = "client '" + printable(state.sessions[client].id.view()) + "' at " +
                     state.ports.clients.peer_of(client) + " " + std::string(what);
  if (const auto left_out = state.client_lines.take_left_out(); left_out > 0) {
    line += "; " + std::to_string(left_out) + " such lines were left out before";
  }
  state.ports.log.write({.severity = base::severity::warning, .event = "client", .text = line, .fields = {}});
}

void close_with_reason(proxy_state& state, std::uint32_t client, mqtt::reason_code reason, std::string_view why,
                       blame blame) {
  if (blame == blame::client) {
    ++state.counters.refused_malformed;
    log_refusal(state, client, reason, why);
  }
  say_goodbye(state, client, reason, why);
  end_session(state, client);
  linger(state, client);
}

void close_for_takeover(proxy_state& state, std::uint32_t client, const session_store::takeover_answer& asker) {
  say_goodbye(state, client, mqtt::reason_code::session_taken_over, "another connection came with the same client id");
  end_session(state, client, asker);
  linger(state, client);
}

void close_with_error(proxy_state& state, std::uint32_t client, mqtt::errc error) {
  close_with_reason(state, client, mqtt::reason_of(error), mqtt::explain(error), blame::client);
}

void refuse_connect(proxy_state& state, std::uint32_t client, mqtt::version version, mqtt::reason_code reason,
                    std::string_view why, std::uint32_t maximum_packet_size) {
  ++state.counters.refused_connects;
  log_refusal(state, client, reason, why);
  mqtt::connack answer;
  answer.reason = reason;
  answer.reason_string = why;
  if (encoded_size(answer, version) > maximum_packet_size) answer.reason_string = {};
  send_packet(state, client, answer, version);
  end_session(state, client);
  linger(state, client);
}

void close_now(proxy_state& state, std::uint32_t client) {
  flush_client(state, client);
  end_session(state, client);
  state.sessions[client].state = connection_state::absent;
  state.ports.clients.close(client);
  set_pending(state, state.sessions[client], 0);
}

void lose_session(proxy_state& state, std::uint32_t client) {
  ++state.counters.takeovers;
  close_with_reason(state, client, mqtt::reason_code::session_taken_over,
                    "another connection came with the same client id", blame::none);
}

void end_session(proxy_state& state, std::uint32_t client, const std::optional<session_store::takeover_answer>& asker) {
  auto& session = state.sessions[client];
  if (session.state == connection_state::connected) {
    --state.counters.clients;
    release_session(state, client, asker);
  }
  // Whoever is asked for the session may never answer.
  if (session.state == connection_state::claiming &&
      state.connects[session.connect].at == pending_connect::step::asking) {
    end_connect(state, session.connect);
  }
  session.id = {};
  session.more.reset();
  ++session.generation;
}
void on_released(proxy_state& state, const session_store::released& message) {
  const auto release = state.releases[message.request];
  state.releases.release(message.request);
  if (release.asked) state.ports.bus.answer(session_store::takeover_answer(release.answer));
}

}  // namespace headgate::proxy::gateway
