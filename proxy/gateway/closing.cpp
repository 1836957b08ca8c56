#include "proxy/gateway/closing.hpp"

#include <utility>

#include "mqtt/connack.hpp"
#include "mqtt/disconnect.hpp"
#include "proxy/gateway/client_lines.hpp"
#include "proxy/gateway/connecting.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/gauges.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/publishing.hpp"
#include "proxy/gateway/releasing.hpp"
#include "proxy/gateway/retained.hpp"
#include "proxy/gateway/storing.hpp"
#include "proxy/gateway/subscribing.hpp"
#include "proxy/gateway/told_reason.hpp"
#include "proxy/gateway/waiting.hpp"
#include "proxy/gateway/wills.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::connection_state;

constexpr std::string_view taken_over = "another connection came with the same client id";

std::uint64_t& counter_of(gateway_view& counters, ended_by cause) {
  switch (cause) {
    case ended_by::client:
      return counters.ended_by_client;
    case ended_by::network:
      return counters.ended_by_network;
    case ended_by::keep_alive:
      return counters.ended_by_keep_alive;
    case ended_by::takeover:
      return counters.ended_by_takeover;
    case ended_by::kick:
    case ended_by::user_changed:
      return counters.ended_by_operator;
    case ended_by::error:
      return counters.ended_by_error;
    case ended_by::shutdown:
      return counters.ended_by_shutdown;
  }
  return counters.ended_by_error;
}

void count_refusal(gateway_view& counters, mqtt::reason_code reason) {
  ++counters.refused_connects;
  if (reason == mqtt::reason_code::bad_user_name_or_password) ++counters.refused_passwords;
  if (reason == mqtt::reason_code::not_authorized) ++counters.refused_unauthorized;
  if (reason == mqtt::reason_code::server_busy) ++counters.refused_busy;
  if (reason == mqtt::reason_code::connection_rate_exceeded) ++counters.refused_rate;
}

// A will goes out now, or waits in the store for its delay or for the session's end [MQTT-3.1.2-8]. Returns the shard
// that it goes to now.
shard_link* leave_will(proxy_state& state, std::uint32_t client, session_store::release& release,
                       pending_release& going) {
  const auto& session = state.sessions[client];
  if (!session.more || !session.more->will) return nullptr;
  const auto& will = *session.more->will;
  auto& after = release.afterlife;
  if (will.delay_s > 0 && session.expiry_s > 0) {
    after.will = encode_will(will, principal_of(session));
    after.will_s = will.delay_s;
    return nullptr;
  }
  auto* shard = publish_will(state, will, principal_of(session),
                             {state.ref_of(client), 0, will.qos, pending_publish::waits::release});
  if (shard == nullptr) return nullptr;
  if (will.nonce != 0) {
    const auto exchange = exchange_of_will(will.nonce);
    going.will = session::released_message{exchange.nonce, exchange.number, shard->id.value};
    after.will = going.unlogged_will = encode_will(will, principal_of(session));
  }
  return shard;
}

void release_session(proxy_state& state, std::uint32_t client,
                     const std::optional<session_store::takeover_answer>& asker) {
  auto& session = state.sessions[client];
  session_store::release release;
  release.client_id = session.id.view();
  release.token = token_of(session);
  release.afterlife.expiry_s = session.expiry_s;
  pending_release going;
  going.holder = state.ref_of(client);
  if (asker) going.askers.push_back(*asker);
  if (session.expiry_s > 0) {
    release.record = encode(record_of(state, client, leaving::yes));
  } else {
    going.finished = exchanges_of(session);
  }
  // PUBREL came in this turn.
  if (session.more) {
    const auto& released = session.more->unsaved.released;
    going.finished.insert(going.finished.end(), released.begin(), released.end());
  }
  auto* will_at = leave_will(state, client, release, going);
  end_scans(state, client);
  stop_waiting(state, client);
  end_all_subscriptions(state, client);
  session.positions.clear();
  session.inflight.clear(state.inflight_pool);
  release_behind(state, std::move(release), std::move(going), will_at);
}

void say_goodbye(proxy_state& state, std::uint32_t client, mqtt::reason_code reason, std::string_view why) {
  const auto& session = state.sessions[client];
  if (session.state != connection_state::connected || session.version != mqtt::version::v5) return;
  mqtt::disconnect packet{.reason = told_reason(state, session.version, reason), .session_expiry_interval_s = {}};
  if (packet.reason == reason) packet.reason_string = why;
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

void close_with_reason(proxy_state& state, std::uint32_t client, mqtt::reason_code reason, std::string_view why,
                       ended_by cause) {
  if (cause == ended_by::error) {
    // Quotas say nothing about what it sent: a log that takes nothing, an output that is full.
    if (reason != mqtt::reason_code::quota_exceeded) ++state.counters.refused_malformed;
    if (state.sessions[client].state != connection_state::connected) tell_refused(state, client, reason, why);
  }
  say_goodbye(state, client, reason, why);
  end_session(state, client, {cause, reason, why});
  linger(state, client);
}

void close_for_takeover(proxy_state& state, std::uint32_t client, const session_store::takeover_answer& asker,
                        std::string_view address) {
  const auto reason = mqtt::reason_code::session_taken_over;
  say_goodbye(state, client, reason, taken_over);
  end_session(state, client, {ended_by::takeover, reason, taken_over, address}, asker);
  linger(state, client);
}

void close_with_error(proxy_state& state, std::uint32_t client, mqtt::errc error) {
  close_with_reason(state, client, mqtt::reason_of(error), mqtt::explain(error), ended_by::error);
}

void refuse_connect(proxy_state& state, std::uint32_t client, mqtt::version version, mqtt::reason_code reason,
                    std::string_view why, std::uint32_t maximum_packet_size) {
  count_refusal(state.counters, reason);
  tell_refused(state, client, reason, why);
  mqtt::connack answer;
  answer.reason = told_reason(state, version, reason);
  if (answer.reason == reason) answer.reason_string = why;
  if (encoded_size(answer, version) > maximum_packet_size) answer.reason_string = {};
  if (encoded_size(answer, version) <= maximum_packet_size) send_packet(state, client, answer, version);
  end_session(state, client, {ended_by::error, reason, why});
  linger(state, client);
}

void close_now(proxy_state& state, std::uint32_t client, const ending& ending) {
  flush_client(state, client);
  end_session(state, client, ending);
  state.sessions[client].state = connection_state::absent;
  state.ports.clients.close(client);
  set_pending(state, state.sessions[client], 0);
}

void lose_session(proxy_state& state, std::uint32_t client) {
  ++state.counters.takeovers;
  close_with_reason(state, client, mqtt::reason_code::session_taken_over, taken_over, ended_by::takeover);
}

void end_session(proxy_state& state, std::uint32_t client, const ending& ending,
                 const std::optional<session_store::takeover_answer>& asker) {
  auto& session = state.sessions[client];
  if (session.state == connection_state::connected) {
    tell_ended(state, client, ending);
    ++counter_of(state.counters, ending.cause);
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

}  // namespace headgate::proxy::gateway
