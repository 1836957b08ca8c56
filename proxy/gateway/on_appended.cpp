#include "base/assert.hpp"
#include "mqtt/acknowledgement.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"

namespace headgate::proxy::gateway {

void on_appended(proxy_state& state, const link::appended& message) {
  auto& shard = *state.shards[message.shard.value];
  auto& waiting = shard.unacknowledged;
  while (shard.first_unacknowledged <= message.through) {
    HEADGATE_ASSERT(!waiting.empty());
    const auto publish = waiting.front();
    waiting.pop_front();
    ++shard.first_unacknowledged.value;
    const auto* session = state.connected(publish.client);
    if (session == nullptr) continue;
    auto* begin = state.arena.reserve(mqtt::max_acknowledgement_size);
    const auto* end = mqtt::encode(mqtt::acknowledgement{.packet_id = publish.packet_id}, session->version, begin);
    state.arena.take(end);
    add_output(state, publish.client.index, {begin, end}, output::other);
  }
}

}  // namespace headgate::proxy::gateway
