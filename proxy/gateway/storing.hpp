#pragma once

#include <string>

#include "proxy/gateway/proxy_state.hpp"
#include "session-store/session_record.hpp"

// A session on its way into the store and back.
namespace headgate::proxy::gateway {

inline session_store::token token_of(const session::session& session) {
  return {session.epoch, session.nonce};
}

// The first offset of a log that a session was neither sent nor has skipped.
std::uint64_t next_of(const proxy_state& state, const session::position& position);

// What outlives the connection, as one consistent snapshot.
session_store::session_record record_of(proxy_state& state, std::uint32_t client);

// Sends a packet to a connected client: at once, or, when the session outlives its connection, once the store has the
// session as it is at the turn's end.
void answer_when_stored(proxy_state& state, std::uint32_t client, std::string packet);

// The same for PUBREC or PUBCOMP.
void acknowledge_when_stored(proxy_state& state, std::uint32_t client, mqtt::packet_type type, std::uint16_t packet_id,
                             mqtt::reason_code reason);
// Publishes a QoS 2 message when the store has its number. Not of a session that ends with its connection.
void publish_when_stored(proxy_state& state, std::uint32_t client, session::numbered_publish&& publish);
// The client will not send the message again: the shard may forget it when the store has.
void forget_when_stored(proxy_state& state, std::uint32_t client, const session::released_message& released);

// A session ends for good: so do its exchanges.
void forget_received(proxy_state& state, const session::session& session);
// Once a turn, behind the records that the shard gets: what it may forget.
void hand_over_forgotten(proxy_state& state, shard_link& shard);

// Once a turn: writes each session that somebody waits for.
void save_sessions(proxy_state& state);

// Takes up a stored session: its subscriptions, positions, and what was in flight.
void restore(proxy_state& state, std::uint32_t client, const session_store::session_record& stored);

}  // namespace headgate::proxy::gateway
