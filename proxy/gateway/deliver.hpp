#pragma once

#include <array>
#include <span>

#include "proxy/gateway/proxy_state.hpp"

namespace headgate::proxy::gateway {

// One record on its way to clients of this worker. The encoding that many clients share is made once.
struct delivery {
  const record::record_header* record = nullptr;
  record::offset place;
  std::uint16_t shard = 0;
  std::uint64_t timestamp_ms = 0;            // of its batch
  std::uint32_t age_s = 0;                   // since the shard stamped it
  const record::batch_ref* batch = nullptr;  // live ones only: to keep it for who has to wait,
  std::span<const std::uint32_t> ids;        // with the filters that matched

  struct shared_encoding {
    base::bytes head;  // with the payload behind it, unless that is sent from the record
    base::bytes payload;
  };
  std::array<shared_encoding, 4> shared{};  // QoS 0 in 3.x and in MQTT 5, without and with RETAIN
};

// A record from a shard's stream or from the log, with its age.
delivery delivery_of(const proxy_state& state, const link::stream_entry& entry, base::shard_id shard,
                     std::uint64_t timestamp_ms);

// How a session gets a record.
struct grant {
  mqtt::qos qos{};
  bool retain = false;
  std::span<const std::uint32_t> identifiers;
  std::uint32_t group = session::inflight_slot::no_group;  // the shared filter that brought it
};

// Whether a subscriber is to get the record at all: it is not pending, and the record not its own where it wants none
// of those.
inline bool is_for(const proxy_state& state, const subscriber& subscriber, const record::record_header& record) {
  if (subscriber.pending) return false;
  return !subscriber.no_local || state.sessions[subscriber.session].id_hash != record.publisher_hash;
}

// The best that the session's own filters among `ids` grant, with their identifiers (in state.identifiers); nothing
// when none of them brings it the record, or it may not be shown it. For clients that waited or read.
std::optional<grant> grant_of(proxy_state& state, std::uint32_t client, const delivery& delivery,
                              std::span<const std::uint32_t> ids);

// To one session, by its position: QoS 0 at once; above it if the offset is new to the position. What has no room is
// dropped (QoS 0) or waits.
void deliver(proxy_state& state, std::uint32_t client, const grant& grant, delivery& delivery);

// Sends at QoS 0, or drops it.
void deliver_qos0(proxy_state& state, std::uint32_t client, const grant& grant, delivery& delivery);
// Sends above QoS 0. False when the window or the output is full; too large for the client counts as sent.
bool send_above_qos0(proxy_state& state, std::uint32_t client, const grant& grant, const delivery& delivery);
// Whether the client takes a message of this size again; one that it does not is counted.
bool fits(proxy_state& state, std::uint32_t client, const grant& grant, const delivery& delivery);
// Sends a message again under its packet id, with DUP.
void send_again(proxy_state& state, std::uint32_t client, const grant& grant, std::uint16_t packet_id,
                const delivery& delivery);

// Whether a message above QoS 0 can be sent now.
bool has_room(proxy_state& state, std::uint32_t client);

}  // namespace headgate::proxy::gateway
