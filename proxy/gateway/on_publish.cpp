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
#include "proxy/gateway/storing.hpp"
#include "proxy/gateway/subscribing.hpp"
#include "proxy/gateway/told_reason.hpp"
#include "proxy/gateway/topic_aliases.hpp"
#include "proxy/session/received.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::received_message;

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

// A QoS 2 message that came before, or null.
received_message* find_received(session::session& session, const mqtt::publish_view& packet) {
  if (packet.qos != mqtt::qos::exactly_once || !session.more) return nullptr;
  return session::find_received(*session.more, packet.packet_id);
}

bool exceeds_receive_maximum(const proxy_state& state, const session::session& session) {
  if (session.version != mqtt::version::v5) return false;
  const auto most = state.terms_of(session).inflight_in;
  if (!session.more) return session.unanswered >= most;
  // QoS 2 counts up to its PUBCOMP; what came on earlier connections does not (4.9).
  const auto& more = *session.more;
  const auto once = more.received.size() - more.received_before;
  return session.unanswered - more.received_on_way + once >= most;
}

// A publish above QoS 0 will be acknowledged.
void count_unanswered(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  if (++session.unanswered >= state.terms_of(session).inflight_in) pause(state, client, session::pause_unanswered);
}

// A QoS 2 message is taken: it gets a number if the session outlives its connection.
received_message& receive(proxy_state& state, std::uint32_t client, std::uint16_t packet_id) {
  auto& session = state.sessions[client];
  auto& details = session.with_details();
  received_message message;
  message.packet_id = packet_id;
  // All of a session's have one, or none.
  if (session.expiry_s > 0 || details.nonce != 0) {
    while (details.nonce == 0) details.nonce = state.random.next();
    message.number = details.next_number++;
  }
  return session::insert_received(details, message);
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

record::message message_of(proxy_state& state, const session::session& session, const mqtt::publish_view& packet,
                           std::uint64_t topic_hash) {
  record::message message;
  message.topic = packet.topic;
  message.topic_hash = topic_hash;
  message.publisher_hash = session.id_hash;
  message.flags =
      static_cast<std::uint8_t>(static_cast<unsigned>(packet.qos) | (packet.retain ? record::flag_retain : 0U));
  message.expiry_s = packet.message_expiry_interval_s;
  message.properties = forwarded_properties(state, packet);
  message.payload = packet.payload;
  return message;
}

pending_publish waiting_for(const proxy_state& state, std::uint32_t client, const mqtt::publish_view& packet) {
  using waits = pending_publish::waits;
  const bool is_acknowledged = packet.qos != mqtt::qos::at_most_once;
  return {state.ref_of(client), packet.packet_id, packet.qos, is_acknowledged ? waits::publisher : waits::nobody};
}

// Its number is stored first: when it comes again after its owner has died, it comes under the same.
void publish_behind_number(proxy_state& state, std::uint32_t client, const record::message& message,
                           const received_message& received) {
  session::numbered_publish publish;
  publish.topic = message.topic;
  publish.properties = base::as_text(message.properties);
  publish.payload = base::as_text(message.payload);
  publish.topic_hash = message.topic_hash;
  publish.nonce = state.sessions[client].more->nonce;
  publish.number = received.number;
  publish.expiry_s = message.expiry_s;
  publish.packet_id = received.packet_id;
  publish.flags = message.flags;
  auto& waiting = state.sessions[client].more->numbered_bytes;
  waiting += publish.bytes();
  if (waiting > base::numbered_bytes) pause(state, client, session::pause_unanswered);
  publish_when_stored(state, client, std::move(publish));
}

// It is not taken again [MQTT-4.3.3-10], nor does it count again towards the Receive Maximum, which a client that comes
// back and sends everything again may have used up.
void repeat(proxy_state& state, std::uint32_t client, const mqtt::publish_view& packet, received_message& received) {
  auto& session = state.sessions[client];
  ++state.counters.publishes_repeated;
  switch (received.state) {
    case received_message::progress::on_its_way:
      return;  // PUBREC is still to come
    case received_message::progress::appended:
      return send_acknowledgement(state, client, mqtt::packet_type::pubrec, packet.packet_id);  // it may have been lost
    case received_message::progress::unknown:
      break;
  }
  // Nobody here knows whether it is in the log. Its shard does.
  session::set_state(*session.more, received, received_message::progress::on_its_way);
  count_unanswered(state, client);
  auto message = message_of(state, session, packet, base::hash_of(packet.topic));
  message.exchange = {session.more->nonce, received.number};
  received.shard = append(state, message, waiting_for(state, client, packet)).id.value;
}

}  // namespace

void on_publish(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  auto& session = state.sessions[client];
  auto decoded = mqtt::decode_publish(frame, session.version);
  if (!decoded) return close_with_error(state, client, decoded.error());
  auto& packet = *decoded;
  if (!resolve_topic(state, client, packet)) return;
  if (auto* received = find_received(session, packet)) return repeat(state, client, packet, *received);
  const auto topic_hash = base::hash_of(packet.topic);
  // A QoS 2 message that was taken before its right was withdrawn stays taken: its packet id comes free by PUBREL only.
  if (!may_write(state, client, packet.topic, topic_hash)) return refuse(state, client, packet);
  if (packet.qos != mqtt::qos::at_most_once) {
    if (exceeds_receive_maximum(state, session)) {
      return close_with_reason(state, client, mqtt::reason_code::receive_maximum_exceeded,
                               "more unacknowledged publishes than the Receive Maximum [MQTT-3.3.4-7]",
                               ended_by::error);
    }
    count_unanswered(state, client);
  }
  count(state, packet);

  auto message = message_of(state, session, packet, topic_hash);
  if (packet.qos == mqtt::qos::exactly_once) {
    auto& received = receive(state, client, packet.packet_id);
    received.shard = shard_of_topic(state, packet.topic, topic_hash).value;
    if (session.expiry_s > 0) return publish_behind_number(state, client, message, received);
    if (received.number > 0) message.exchange = {session.more->nonce, received.number};
  }
  append(state, message, waiting_for(state, client, packet));
}

}  // namespace headgate::proxy::gateway
