#include "mqtt/connect.hpp"

#include <utility>

#include "mqtt/publish.hpp"
#include "proxy/gateway/client_lines.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/connecting.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/pausing.hpp"
#include "proxy/gateway/wills.hpp"

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

session::will will_of(const mqtt::will_view& view) {
  session::will will;
  will.topic = view.topic;
  will.payload = base::as_text(view.payload);
  will.properties.resize(view.properties.size());
  auto* begin = reinterpret_cast<std::uint8_t*>(will.properties.data());
  will.properties.resize(static_cast<std::size_t>(mqtt::copy_forwarded_properties(view.properties, begin) - begin));
  will.expiry_s = view.message_expiry_interval_s;
  will.delay_s = view.delay_interval_s;
  will.qos = view.qos;
  will.retain = view.retain;
  return will;
}

// MQTT 5.0, 3.2.2.3.14: the server may ask for another Keep Alive than the client's, who then has to use it.
void limit_keep_alive(pending_connect& pending, std::uint16_t longest_s) {
  if (pending.version != mqtt::version::v5 || longest_s == base::any_keep_alive_s) return;
  if (pending.keep_alive_s > 0 && pending.keep_alive_s <= longest_s) return;
  pending.keep_alive_s = longest_s;
  pending.keep_alive_is_ours = true;
}

pending_connect pending_of(proxy_state& state, std::uint32_t client, const mqtt::connect& packet) {
  pending_connect pending;
  pending.client = state.ref_of(client);
  pending.version = packet.version;
  pending.clean_start = packet.clean_start;
  pending.bridge = packet.bridge;
  pending.wants_response_information = packet.request_response_information;
  pending.keep_alive_s = packet.keep_alive_s;
  limit_keep_alive(pending, state.limits.max_keep_alive_s);
  pending.receive_maximum = packet.receive_maximum;
  pending.alias_maximum = packet.topic_alias_maximum;
  pending.maximum_packet_size = packet.maximum_packet_size;
  pending.expiry_s = packet.session_expiry_interval_s;
  pending.id_assigned = packet.client_id.empty();
  pending.client_id = pending.id_assigned ? assign_client_id(state) : std::string(packet.client_id);
  if (packet.user_name) pending.user_name = *packet.user_name;
  // A certificate that was verified says who it is, whatever the CONNECT says.
  if (const auto certified = state.ports.clients.entrance_of(client).user_name; !certified.empty()) {
    pending.user_name = certified;
  }
  pending.users_version = state.users_version;
  if (packet.will) pending.will = will_of(*packet.will);
  return pending;
}

credentials credentials_of(proxy_state& state, std::uint32_t client, std::uint32_t request,
                           const mqtt::connect& packet) {
  const auto& pending = state.connects[request];
  const auto entrance = state.ports.clients.entrance_of(client);
  credentials asked;
  asked.request = request;
  asked.client_id = pending.client_id;
  asked.user_name = pending.user_name;
  if (packet.password) asked.password = base::as_text(*packet.password);
  asked.address = host_of(state.ports.clients.peer_of(client));
  asked.has_certificate = !entrance.user_name.empty();
  asked.has_user_name = packet.user_name.has_value() || asked.has_certificate;
  asked.anonymous_allowed = entrance.anonymous_allowed;
  return asked;
}

// What the client and the operator are told of a refusal.
std::string_view explain(mqtt::reason_code reason) {
  switch (reason) {
    case mqtt::reason_code::not_authorized:
      return "nobody comes in here without a user name that the server knows";
    case mqtt::reason_code::server_busy:
      return "as many passwords are being checked as may be at once";
    case mqtt::reason_code::connection_rate_exceeded:
      return "too many wrong passwords came from its address";
    default:
      return "the user name or the password is not accepted";
  }
}

}  // namespace

void on_connect(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  const auto decoded = mqtt::decode_connect(frame);
  if (!decoded) {
    const auto error = decoded.error();
    const auto version = mqtt::version_of_broken_connect(frame);
    if (!has_answer(version, error)) return close_with_error(state, client, error);
    // What it takes at most stands in what cannot be read.
    constexpr auto any_size = mqtt::max_remaining_length;
    return refuse_connect(state, client, version, mqtt::reason_of(error), mqtt::explain(error), any_size);
  }
  const auto& packet = *decoded;
  auto& session = state.sessions[client];
  session.id = base::compact_string(packet.client_id);  // for the log line of a refusal
  if (packet.authentication_method) {
    return refuse_connect(state, client, packet.version, mqtt::reason_code::bad_authentication_method,
                          "no authentication method is supported yet", packet.maximum_packet_size);
  }
  auto pending = pending_of(state, client, packet);
  // [MQTT-3.1.2-24]
  if (encoded_size(connack_of(state, pending), packet.version) > packet.maximum_packet_size) {
    return refuse_connect(state, client, packet.version, mqtt::reason_code::packet_too_large,
                          "its CONNACK is larger than its Maximum Packet Size", packet.maximum_packet_size);
  }
  const auto request = state.connects.acquire();
  state.connects[request] = std::move(pending);
  session.state = connection_state::claiming;
  session.connect = request;
  state.ports.door.submit(credentials_of(state, client, request, packet), state);
  if (session.state == connection_state::claiming) pause(state, client, session::pause_claiming);
}

void on_authenticated(proxy_state& state, std::uint32_t request, mqtt::reason_code reason) {
  auto& pending = state.connects[request];
  if (!still_waits(state, pending)) return end_connect(state, request);
  if (reason != mqtt::reason_code::success) {
    return give_up_connect(state, request, reason, explain(reason));
  }
  const bool is_certified = !state.ports.clients.entrance_of(pending.client.index).user_name.empty();
  if (!is_certified && !state.ports.door.verifies_names()) pending.user_name.clear();
  const auto& rights = state.ports.rights;
  if (pending.will && !rights.may_write({pending.client_id, pending.user_name}, pending.will->topic)) {
    return give_up_connect(state, request, mqtt::reason_code::not_authorized, "it may not publish its will");
  }
  // A will that is accepted is owed, however long the log takes nothing.
  const bool may_wait = pending.will && pending.expiry_s > 0 && is_logged(*pending.will);
  if (may_wait && is_full_of_wills(state)) {
    return give_up_connect(state, request, mqtt::reason_code::quota_exceeded,
                           "no will can be kept for it: the log takes nothing now, and many wait already");
  }
  claim_session(state, request, false);
}

}  // namespace headgate::proxy::gateway
