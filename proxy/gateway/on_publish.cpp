#include <algorithm>

#include "base/hash.hpp"
#include "mqtt/publish.hpp"
#include "proxy/gateway/client_lines.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/pausing.hpp"
#include "proxy/gateway/publishing.hpp"
#include "proxy/gateway/rights.hpp"
#include "proxy/gateway/told_reason.hpp"
#include "proxy/gateway/topic_aliases.hpp"

namespace headgate::proxy::gateway {

namespace {

// Replaces the alias by its topic. False when the client was closed.
bool resolve_topic(proxy_state& state, std::uint32_t client, mqtt::publish_view& packet) {
  if (packet.topic_alias == 0) return true;
  if (packet.topic_alias > state.terms_of(state.sessions[client]).topic_aliases) {
    close_with_reason(state, client, mqtt::reason_code::topic_alias_invalid,
                      "Topic Alias above the Topic Alias Maximum [MQTT-3.3.2-9]", ended_by::error);
    return false;
  }
  packet.topic = resolve_alias(state.sessions[client], packet.topic_alias, packet.topic);
  if (!packet.topic.empty()) return true;
  close_with_reason(state, client, mqtt::reason_code::protocol_error,
                    "Topic Alias without a topic that it stands for (MQTT 5.0, 3.3.2.3.4)", ended_by::error);
  return false;
}

// All properties in one piece where they may stay as they came, else a copy of those that travel.
base::bytes forwarded_properties(proxy_state& state, const mqtt::publish_view& packet) {
  if (!packet.properties_need_filter) return packet.properties;
  auto& scratch = state.forwarded_properties;
  if (scratch.size() < packet.properties.size()) scratch.resize(packet.properties.size());
  const auto* end = mqtt::copy_forwarded_properties(packet.properties, scratch.data());
  return {scratch.data(), end};
}

mqtt::packet_type answer_to(mqtt::qos qos) {
  return qos == mqtt::qos::at_least_once ? mqtt::packet_type::puback : mqtt::packet_type::pubrec;
}

// MQTT 5 says so; a 3.x publish is acknowledged and dropped, as mosquitto does.
void refuse(proxy_state& state, std::uint32_t client, const mqtt::publish_view& packet) {
  ++state.counters.publishes_refused;
  if (is_first_refusal(state, client, session::told_publish)) {
    tell_problem(state, client, "client_publish_refused",
                 "may not publish to '" + printable(packet.topic) + "': dropped, as others of this connection may be");
  }
  if (packet.qos == mqtt::qos::at_most_once) return;
  const bool v5 = state.sessions[client].version == mqtt::version::v5;
  send_acknowledgement(
      state, client, answer_to(packet.qos), packet.packet_id,
      v5 ? told_reason(state, mqtt::version::v5, mqtt::reason_code::not_authorized) : mqtt::reason_code::success);
}

// Whether a QoS 2 message came before: it is not taken again [MQTT-4.3.3-10], nor does it count again towards the
// Receive Maximum, which a client that comes back and sends everything again may have used up.
bool is_repeated(const session::session& session, const mqtt::publish_view& packet) {
  if (packet.qos != mqtt::qos::exactly_once || !session.more) return false;
  const auto& received = session.more->received;
  return std::binary_search(received.begin(), received.end(), packet.packet_id);
}

bool exceeds_receive_maximum(const proxy_state& state, const session::session& session) {
  if (session.version != mqtt::version::v5) return false;
  const auto most = state.terms_of(session).inflight_in;
  if (!session.more) return session.unanswered >= most;
  // QoS 2 counts up to its PUBCOMP; what came on earlier connections does not (4.9).
  const auto& more = *session.more;
  const auto once = more.received.size() - more.received_before.size();
  return session.unanswered - more.appending.size() + once >= most;
}

// A publish above QoS 0 is taken, and will be acknowledged.
void admit(proxy_state& state, std::uint32_t client, const mqtt::publish_view& packet) {
  auto& session = state.sessions[client];
  if (packet.qos == mqtt::qos::exactly_once) {
    auto& received = session.with_details().received;
    received.insert(std::lower_bound(received.begin(), received.end(), packet.packet_id), packet.packet_id);
    session.more->appending.push_back(packet.packet_id);
  }
  if (++session.unanswered >= state.terms_of(session).inflight_in) pause(state, client, session::pause_unanswered);
}

void count(proxy_state& state, const mqtt::publish_view& packet) {
  auto& counters = state.counters;
  const auto qos = packet.qos;
  counters.publish_bytes_in += packet.payload.size();
  if (qos == mqtt::qos::at_most_once) {
    ++counters.publishes_in_qos0;
  } else {
    ++(qos == mqtt::qos::at_least_once ? counters.publishes_in_qos1 : counters.publishes_in_qos2);
  }
}

}  // namespace

void on_publish(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  auto& session = state.sessions[client];
  auto decoded = mqtt::decode_publish(frame, session.version);
  if (!decoded) return close_with_error(state, client, decoded.error());
  auto& packet = *decoded;
  if (!resolve_topic(state, client, packet)) return;
  if (is_repeated(session, packet)) {
    ++state.counters.publishes_repeated;
    // Its PUBREC may have been lost; while the message is on its way into the log it is still to come.
    const auto& appending = session.more->appending;
    if (std::find(appending.begin(), appending.end(), packet.packet_id) != appending.end()) return;
    return send_acknowledgement(state, client, mqtt::packet_type::pubrec, packet.packet_id);
  }
  const auto topic_hash = base::hash_of(packet.topic);
  // A QoS 2 message that was taken before its right was withdrawn stays taken: its packet id comes free by PUBREL only.
  if (!may_write(state, client, packet.topic, topic_hash)) return refuse(state, client, packet);
  if (packet.qos != mqtt::qos::at_most_once) {
    if (exceeds_receive_maximum(state, session)) {
      return close_with_reason(state, client, mqtt::reason_code::receive_maximum_exceeded,
                               "more unacknowledged publishes than the Receive Maximum [MQTT-3.3.4-7]",
                               ended_by::error);
    }
    admit(state, client, packet);
  }
  count(state, packet);

  record::message message;
  message.topic = packet.topic;
  message.topic_hash = topic_hash;
  message.publisher_hash = session.id_hash;
  message.flags =
      static_cast<std::uint8_t>(static_cast<unsigned>(packet.qos) | (packet.retain ? record::flag_retain : 0U));
  message.expiry_s = packet.message_expiry_interval_s;
  message.properties = forwarded_properties(state, packet);
  message.payload = packet.payload;
  append(state, message, {{client, session.generation}, packet.packet_id, packet.qos});
}

}  // namespace headgate::proxy::gateway
