#pragma once

#include <string>
#include <vector>

#include "mqtt/publish.hpp"
#include "proxy/gateway/proxy_state.hpp"
#include "session-store/session_record.hpp"

// A session on its way into the store and back.
namespace headgate::proxy::gateway {

inline session_store::token token_of(const session::session& session) {
  return {session.epoch, session.nonce};
}

// The first offset of a log that a session was neither sent nor has skipped.
std::uint64_t next_of(const proxy_state& state, const session::position& position);

// What outlives the connection, as one consistent snapshot. A QoS 2 message of a group that the store has not heard of
// yet stays in a session that goes on; of one that leaves its connection the group gets it back.
enum class leaving : bool { no, yes };
session_store::session_record record_of(proxy_state& state, std::uint32_t client, leaving leaving);

// Sends a packet to a connected client: at once, or, when the session outlives its connection, once the store has the
// session as it is at the turn's end.
void answer_when_stored(proxy_state& state, std::uint32_t client, std::string packet);

// The same for PUBREC, PUBREL or PUBCOMP.
void acknowledge_when_stored(proxy_state& state, std::uint32_t client, mqtt::packet_type type, std::uint16_t packet_id,
                             mqtt::reason_code reason);
// Whether a delivery goes out when the store has it: should the process die, the session's next owner must know that
// the client may have it, or it would come twice (MQTT 5.0, 4.3.3).
inline bool is_stored_first(const session::session& session, mqtt::qos qos) {
  return qos == mqtt::qos::exactly_once && session.expiry_s > 0;
}
// Whether a delivery has to wait, for that or behind such a one: what a client gets keeps its order at all QoS.
inline bool waits_for_store(const session::session& session, mqtt::qos qos) {
  return is_stored_first(session, qos) || (session.more && session.more->delivery_bytes > 0);
}
// Such a delivery; above QoS 0 its message is in flight already.
void deliver_when_stored(proxy_state& state, std::uint32_t client, const mqtt::publish_head& head, base::bytes payload);
// Publishes a QoS 2 message when the store has its number. Not of a session that ends with its connection.
void publish_when_stored(proxy_state& state, std::uint32_t client, session::numbered_publish&& publish);
// The client will not send the message again: the shard may forget it when the store has.
void forget_when_stored(proxy_state& state, std::uint32_t client, const session::released_message& released);

// An exchange is over: its shard forgets it, or all do when it came to an earlier owner of the session.
void forget(proxy_state& state, const session::released_message& finished);
// The exchanges of what came and was not released: they are over when the store has forgotten the session.
std::vector<session::released_message> exchanges_of(const session::session& session);
// Once a turn, behind the records that the shard gets: what it may forget.
void hand_over_forgotten(proxy_state& state, shard_link& shard);

// Writes the session as it is now; what waits for that goes on then.
void save_session(proxy_state& state, base::client_ref client, pending_answer&& answer);
// Once a turn: writes each session that somebody waits for.
void save_sessions(proxy_state& state);

// Takes up a stored session: its subscriptions, positions, and what was in flight. `given_back`: it is as its last
// owner left it. Otherwise that gave packet ids which nobody knows, and which an application may acknowledge late: new
// ones are far from those.
void restore(proxy_state& state, std::uint32_t client, const session_store::session_record& stored, bool given_back);

}  // namespace headgate::proxy::gateway
