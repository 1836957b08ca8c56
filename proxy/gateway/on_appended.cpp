#include <vector>

#include "base/assert.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/pausing.hpp"
#include "proxy/gateway/releasing.hpp"
#include "proxy/gateway/wills.hpp"
#include "proxy/session/received.hpp"

namespace headgate::proxy::gateway {

namespace {

void on_received_appended(proxy_state& state, std::uint32_t client, std::uint16_t packet_id) {
  auto& details = *state.sessions[client].more;
  auto& message = *session::find_received(details, packet_id);
  session::set_state(details, message, session::received_message::progress::appended);
  if (message.release_came) release_received(state, client, packet_id);
}

// Whether a client was answered.
bool acknowledge(proxy_state& state, const pending_publish& publish, shard_link& shard) {
  switch (publish.who) {
    case pending_publish::waits::nobody:
      return false;
    case pending_publish::waits::release:
      on_left_will_appended(state, publish.client);
      return false;
    case pending_publish::waits::stored_will:
      on_will_appended(state, publish.client.index, shard);
      return false;
    case pending_publish::waits::publisher:
      break;
  }
  auto* session = state.connected(publish.client);
  if (session == nullptr) return false;
  const bool once = publish.qos == mqtt::qos::exactly_once;
  send_acknowledgement(state, publish.client.index, once ? mqtt::packet_type::pubrec : mqtt::packet_type::puback,
                       publish.packet_id);
  --session->unanswered;
  resume_if_answered(state, publish.client.index);
  if (once) on_received_appended(state, publish.client.index, publish.packet_id);
  return true;
}

}  // namespace

void on_appended(proxy_state& state, const link::appended& message) {
  auto& shard = *state.shards[message.shard.value];
  auto& waiting = shard.unacknowledged;
  std::uint64_t answered = 0;
  while (shard.first_unacknowledged <= message.through) {
    HEADGATE_ASSERT(!waiting.empty());
    const auto publish = waiting.front();
    waiting.pop_front();
    ++shard.first_unacknowledged.value;
    if (acknowledge(state, publish, shard)) ++answered;
  }
  state.latencies.acknowledged(message.received_us, answered);
}

}  // namespace headgate::proxy::gateway
