#include <algorithm>
#include <array>

#include "base/hash.hpp"
#include "mqtt/connack.hpp"
#include "mqtt/connect.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::connection_state;

std::string assign_client_id(proxy_state& state) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string id = "auto-";
  for (auto bits = state.random.next(); id.size() < 21; bits >>= 4) id += digits[bits & 15];
  return id;
}

// Whether a CONNECT that is wrong gets a CONNACK. Before MQTT 5 there is a return code for two kinds of error only, the
// version and the client id, and the connection is closed without a word on any other [3.1.1: MQTT-3.1.4-1]; who names
// another protocol has not come to speak MQTT.
bool has_answer(mqtt::version version, mqtt::errc error) {
  return version == mqtt::version::v5 || error == mqtt::errc::protocol_version_unsupported ||
         error == mqtt::errc::client_id_empty || error == mqtt::errc::client_id_empty_without_clean_session;
}

// The older connection of the same client id goes [MQTT-3.1.4-3].
void take_over(proxy_state& state, std::uint64_t hash, std::string_view id) {
  const auto older = state.registry.find(hash, [&](std::uint32_t client) {
    const auto& session = state.sessions[client];
    return session.id_hash == hash && session.id.view() == id;
  });
  if (older == base::hash_index::none) return;
  ++state.counters.takeovers;
  close_with_reason(state, older, mqtt::reason_code::session_taken_over,
                    "another connection came with the same client id", blame::none);
}

void begin_session(proxy_state& state, std::uint32_t client, const mqtt::connect& packet, std::string_view id) {
  auto& session = state.sessions[client];
  session.state = connection_state::connected;
  session.version = packet.version;
  session.id = base::compact_string(id);
  session.id_hash = base::hash_of(id);
  session.maximum_packet_size = packet.maximum_packet_size;
  session.window = std::min(packet.receive_maximum, state.limits.max_inflight);
  session.keep_alive_s = packet.keep_alive_s;
  state.registry.insert(session.id_hash, client);
  ++state.counters.clients;
  ++state.counters.connects;
  // A Keep Alive of 0 turns it off.
  if (packet.keep_alive_s > 0) {
    state.timers.set(client, session.silence_allowed_s(), state.now.monotonic);
  } else {
    state.timers.cancel(client);
  }
}

}  // namespace

void on_connect(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  const auto decoded = mqtt::decode_connect(frame);
  if (!decoded) {
    const auto error = decoded.error();
    const auto version = mqtt::version_of_broken_connect(frame);
    if (!has_answer(version, error)) return close_with_error(state, client, error);
    return refuse_connect(state, client, version, mqtt::reason_of(error), mqtt::explain(error));
  }
  const auto& packet = *decoded;
  state.sessions[client].id = base::compact_string(packet.client_id);  // for the log line of a refusal
  if (packet.authentication_method) {
    return refuse_connect(state, client, packet.version, mqtt::reason_code::bad_authentication_method,
                          "no authentication method is supported yet");
  }
  if (packet.will) {
    return refuse_connect(state, client, packet.version, mqtt::reason_code::implementation_specific_error,
                          "wills are not supported yet: connect without one");
  }

  const auto assigned = packet.client_id.empty() ? assign_client_id(state) : std::string();
  const auto id = assigned.empty() ? packet.client_id : std::string_view(assigned);
  take_over(state, base::hash_of(id), id);
  begin_session(state, client, packet, id);

  mqtt::connack answer;
  if (packet.session_expiry_interval_s != 0) answer.session_expiry_interval_s = 0;
  answer.maximum_qos = mqtt::qos::at_least_once;
  answer.retain_available = false;
  answer.maximum_packet_size = state.limits.max_packet_bytes;
  answer.assigned_client_id = assigned;
  answer.subscription_identifier_available = false;
  answer.shared_subscription_available = false;
  send_packet(state, client, answer, packet.version);
}

}  // namespace headgate::proxy::gateway
