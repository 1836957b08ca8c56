#include <vector>

#include "base/assert.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/pausing.hpp"
#include "proxy/gateway/releasing.hpp"
#include "proxy/gateway/storing.hpp"
#include "proxy/gateway/wills.hpp"
#include "proxy/session/received.hpp"

namespace headgate::proxy::gateway {

namespace {

constexpr auto reason = mqtt::reason_code::quota_exceeded;

// What is still to be known of a QoS 2 message that was refused. One that came before may be in the log all the same:
// it keeps its number, under which it comes again. Returns whether it does.
bool keeps_number(proxy_state& state, std::uint32_t client, std::uint16_t packet_id) {
  auto& session = state.sessions[client];
  auto& message = *session::find_received(*session.more, packet_id);
  const bool keeps = message.number > 0 && (message.came_before || session.version != mqtt::version::v5);
  if (keeps) {
    session::set_state(*session.more, message, session::received_message::progress::unknown);
    message.release_came = false;
  } else {
    session::erase_received(*session.more, packet_id);
  }
  return keeps;
}

// An MQTT 5 client is told of each message. False: it cannot be told and is to be sent away, as in 3.x, where there is
// no answer but success.
bool refuse(proxy_state& state, const pending_publish& publish, shard_link& shard) {
  switch (publish.who) {
    case pending_publish::waits::nobody:
      return true;
    case pending_publish::waits::release:
      on_left_will_refused(state, publish.client);
      return true;
    case pending_publish::waits::stored_will:
      on_will_refused(state, publish.client.index, shard);
      return true;
    case pending_publish::waits::publisher:
      break;
  }
  auto* session = state.connected(publish.client);
  if (session == nullptr) return true;
  const auto client = publish.client.index;
  const bool once = publish.qos == mqtt::qos::exactly_once;
  --session->unanswered;
  if (once && keeps_number(state, client, publish.packet_id)) return false;
  if (session->version != mqtt::version::v5) return false;
  resume_if_answered(state, client);
  if (!once) {
    send_acknowledgement(state, client, mqtt::packet_type::puback, publish.packet_id, reason);
    return true;
  }
  // Not before the store has forgotten its number: the next message under this packet id is another one.
  acknowledge_when_stored(state, client, mqtt::packet_type::pubrec, publish.packet_id, reason);
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
    if (!refuse(state, publish, shard)) unanswered.push_back(publish.client);
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
