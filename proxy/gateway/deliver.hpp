#pragma once

#include <array>

#include "proxy/gateway/proxy_state.hpp"

namespace headgate::proxy::gateway {

// One record on its way to the clients of this worker. The encoding that many clients share is made once.
struct delivery {
  const record::record_header* record = nullptr;
  record::offset place;
  std::uint32_t age_s = 0;  // since the shard stamped it

  struct shared_encoding {
    base::bytes head;  // with the payload behind it, unless that is sent from the record
    base::bytes payload;
  };
  std::array<shared_encoding, 2> shared{};  // QoS 0 in 3.1.1 and in MQTT 5
};

// Whether a subscriber is to get the record at all: published after its start, and not its own where it wants none of
// those.
bool is_for(const proxy_state& state, const subscriber& subscriber, const delivery& delivery);

// To one live session, by its position: QoS 0 at once; QoS 1 if the offset is not below its position, else it was sent
// before. What has no room is dropped (QoS 0) or left for a READ (QoS 1).
void deliver(proxy_state& state, std::uint32_t client, mqtt::qos qos, delivery& delivery);

// Sends a QoS 1 message and moves the position past it. False when the window or the output is full.
bool deliver_qos1(proxy_state& state, std::uint32_t client, const delivery& delivery);

}  // namespace headgate::proxy::gateway
