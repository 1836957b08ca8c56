#include <algorithm>
#include <string>
#include <vector>

#include "base/assert.hpp"
#include "mqtt/acknowledgement.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/pausing.hpp"
#include "proxy/gateway/storing.hpp"
#include "proxy/session/received.hpp"

namespace headgate::proxy::gateway {

namespace {

constexpr auto reason = mqtt::reason_code::quota_exceeded;

std::string pubrec_of(std::uint16_t packet_id) {
  std::string packet(mqtt::max_acknowledgement_size, '\0');
  auto* begin = reinterpret_cast<std::uint8_t*>(packet.data());
  const mqtt::acknowledgement answer{mqtt::packet_type::pubrec, packet_id, reason, {}};
  packet.resize(static_cast<std::size_t>(encode(answer, mqtt::version::v5, begin) - begin));
  return packet;
}

// An MQTT 5 client is told of each message. False: in 3.x there is no answer but success.
bool refuse(proxy_state& state, const pending_publish& publish) {
  if (publish.packet_id == 0) return true;  // QoS 0 with RETAIN, or a will
  auto* session = state.connected(publish.client);
  if (session == nullptr) return true;
  const auto client = publish.client.index;
  const bool once = publish.qos == mqtt::qos::exactly_once;
  --session->unanswered;
  if (session->version != mqtt::version::v5) {
    // It comes again under the same number, if it has one: not behind those that were sent after it and are not
    // refused.
    if (once) session::take_back(*session->more, publish.packet_id);
    return false;
  }
  // The client may send it again under the same packet id, as a new message.
  const auto nonce = once ? session->more->nonce : 0;
  const auto released = once ? session::erase_received(*session->more, publish.packet_id) : session::received_message{};
  if (released.number != 0) {
    // Not before the store has forgotten the packet id: a new message under it would pass for this one.
    forget_when_stored(state, client, {nonce, released.number, released.shard});
    answer_when_stored(state, client, pubrec_of(publish.packet_id));
    if (state.connected(publish.client) == nullptr) return true;
  } else {
    send_acknowledgement(state, client, once ? mqtt::packet_type::pubrec : mqtt::packet_type::puback, publish.packet_id,
                         reason);
  }
  if (session->unanswered <= state.terms_of(*session).inflight_in / 2) {
    resume(state, client, session::pause_unanswered);
  }
  return true;
}

}  // namespace

void on_refused(proxy_state& state, const link::refused& message) {
  auto& shard = *state.shards[message.shard.value];
  std::vector<base::client_ref> unanswered;
  while (shard.first_unacknowledged <= message.through) {
    HEADGATE_ASSERT(!shard.unacknowledged.empty());
    const auto publish = shard.unacknowledged.front();
    shard.unacknowledged.pop_front();
    ++shard.first_unacknowledged.value;
    if (!refuse(state, publish)) unanswered.push_back(publish.client);
  }
  // They are sent away, and send what has no answer again when they are back. Not before all was taken back: what is
  // stored of a session says which messages it does not send again.
  for (const auto& client : unanswered) {
    if (state.connected(client) == nullptr) continue;
    close_with_reason(state, client.index, reason, "its message could not be stored: the log takes nothing now",
                      ended_by::error);
  }
}

}  // namespace headgate::proxy::gateway
