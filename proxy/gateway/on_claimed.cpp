#include <algorithm>
#include <limits>
#include <utility>

#include "base/hash.hpp"
#include "mqtt/connack.hpp"
#include "proxy/gateway/client_lines.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/connecting.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/pausing.hpp"
#include "proxy/gateway/releasing.hpp"
#include "proxy/gateway/storing.hpp"
#include "proxy/gateway/wills.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::connection_state;

void begin_session(proxy_state& state, std::uint32_t client, pending_connect& pending,
                   const session_store::token& token) {
  auto& session = state.sessions[client];
  session.state = connection_state::connected;
  session.version = pending.version;
  session.bridge = pending.bridge;
  session.id = base::compact_string(pending.client_id);
  session.id_hash = base::hash_of(pending.client_id);
  session.epoch = token.epoch;
  session.nonce = token.nonce;
  session.maximum_packet_size = pending.maximum_packet_size;
  session.terms = state.current_terms;
  session.window = std::min(pending.receive_maximum, state.limits.max_inflight);
  session.keep_alive_s = pending.keep_alive_s;
  session.expiry_s = pending.expiry_s;
  session.users_version = pending.users_version;
  session.connected_at_s = state.now_s();
  if (pending.will) session.with_details().will = std::move(pending.will);
  if (!pending.user_name.empty()) session.with_details().user_name = std::move(pending.user_name);
  if (pending.alias_maximum > 0) {
    session.with_details().alias_maximum = std::min(pending.alias_maximum, state.limits.topic_aliases);
  }
  ++state.counters.clients;
  ++state.counters.connects;
  // A Keep Alive of 0 turns it off.
  if (session.keep_alive_s > 0) {
    state.timers.set(client, session.silence_allowed_s(), state.now.monotonic);
  } else {
    state.timers.cancel(client);
  }
}

void send_connack(proxy_state& state, std::uint32_t client, const pending_connect& pending, bool session_present) {
  const auto& session = state.sessions[client];
  auto answer = connack_of(state, pending);
  answer.session_present = session_present;
  // Where the client may have its answers sent: below a topic that no other client has.
  const auto information = "response/" + std::string(session.id.view());
  // An id as long as a string may be leaves no room for what stands before it (MQTT 5.0, 1.5.4).
  const bool is_string = information.size() <= std::numeric_limits<std::uint16_t>::max();
  if (pending.wants_response_information && is_string) answer.response_information = information;
  if (encoded_size(answer, session.version) > session.maximum_packet_size) answer.response_information = {};
  send_packet(state, client, answer, session.version);
}

// The record of a session that goes on, or nothing.
std::optional<session_store::session_record> record_in(proxy_state& state, const session_store::claimed& message,
                                                       const pending_connect& pending) {
  if (!message.present || pending.clean_start) return std::nullopt;
  if (message.record.empty()) return session_store::session_record{};  // its owner died before it saved anything
  auto record = session_store::decode_session_record(base::as_bytes(message.record));
  if (record) return std::move(*record);
  ++state.counters.stored_unreadable;
  tell_problem(state, pending.client.index, "client_session_unreadable",
               "begins a new session, since the stored one cannot be read: " +
                   std::string(session_store::explain(record.error())));
  return std::nullopt;
}

// Its owner died: whoever takes it up next is to leave out the packet ids that only that one knew (restore()).
std::string with_leap(const std::string& encoded) {
  auto record = session_store::decode_session_record(base::as_bytes(encoded));
  if (!record || record->places_before_leap > 0) return encoded;
  if (record->inflight.empty()) {
    constexpr std::uint32_t ids = 65'535;
    record->first_packet_id =
        static_cast<std::uint16_t>(1 + (record->first_packet_id - 1U + session::inflight_ring::leap) % ids);
  } else {
    record->places_before_leap = static_cast<std::uint16_t>(record->inflight.size());
  }
  return encode(*record);
}

// The client has gone meanwhile: as if right after its CONNACK.
void return_unclaimed(proxy_state& state, session_store::claimed& message, const pending_connect& pending,
                      shard_link* will_at) {
  session_store::release release;
  release.client_id = pending.client_id;
  release.token = message.token;
  // Nobody has heard an id that we made, so nobody can come back for its session.
  release.afterlife.expiry_s = pending.id_assigned ? 0 : pending.expiry_s;
  // Nobody has heard that he is back, either: the will of the session waits on.
  if (!message.will_is_due) {
    release.afterlife.will = std::move(message.will);
    release.afterlife.will_s = message.will_in_s;
  }
  if (pending.clean_start || !message.present) message.record = encode(session_store::session_record{});
  release.record = message.given_back ? std::move(message.record) : with_leap(message.record);
  pending_release going;
  going.holder = pending.client;
  release_behind(state, std::move(release), std::move(going), will_at);
}

void on_granted(proxy_state& state, session_store::claimed& message) {
  auto pending = std::exchange(state.connects[message.request], {});
  state.connects.release(message.request);
  const auto client = pending.client.index;
  const bool is_here = still_waits(state, pending);
  // Of a session that goes on it is cancelled when its client is back in time [MQTT-3.1.3-9]. It goes from here, so
  // that what the client publishes next is behind it.
  auto* will_at = message.will_is_due
                      ? publish_stored_will(state, {pending.client_id, message.will, message.will_number})
                      : nullptr;
  if (!is_here) return return_unclaimed(state, message, pending, will_at);
  const auto record = record_in(state, message, pending);
  begin_session(state, client, pending, message.token);
  send_connack(state, client, pending, record.has_value());
  tell_connected(state, client, pending.clean_start, record.has_value());
  if (record) {
    ++state.counters.sessions_resumed;
    restore(state, client, *record, message.given_back);
  }
  resume(state, client, session::pause_claiming);
}

void on_held(proxy_state& state, const session_store::claimed& message) {
  auto& pending = state.connects[message.request];
  if (!still_waits(state, pending)) return end_connect(state, message.request);
  pending.at = pending_connect::step::asking;
  state.timers.set(pending.client.index, base::takeover_patience_s, state.now.monotonic);
  state.ports.bus.ask({state.place.worker, message.request, message.holder, pending.client_id,
                       state.ports.clients.peer_of(pending.client.index)});
}

// auth.bind_client_id. Whose it is stays untold.
void on_of_another_user(proxy_state& state, std::uint32_t request) {
  const auto& pending = state.connects[request];
  if (!still_waits(state, pending)) return end_connect(state, request);
  const auto who =
      pending.user_name.empty() ? "it has no user name" : "its user is '" + printable(pending.user_name) + "'";
  give_up_connect(state, request, mqtt::reason_code::not_authorized,
                  "the session of its client id belongs to another user (auth.bind_client_id); " + who);
}

}  // namespace

void on_claimed(proxy_state& state, session_store::claimed&& message) {
  switch (message.what) {
    case session_store::claimed::outcome::granted:
      return on_granted(state, message);
    case session_store::claimed::outcome::held:
      return on_held(state, message);
    case session_store::claimed::outcome::of_another_user:
      return on_of_another_user(state, message.request);
    case session_store::claimed::outcome::unavailable:
      if (!still_waits(state, state.connects[message.request])) return end_connect(state, message.request);
      return give_up_connect(state, message.request, mqtt::reason_code::server_unavailable,
                             "the store of sessions does not answer");
  }
}

}  // namespace headgate::proxy::gateway
