#include "proxy/gateway/wills.hpp"

#include "proxy/gateway/events.hpp"
#include "proxy/gateway/publishing.hpp"
#include "session-store/session_record.hpp"

namespace headgate::proxy::gateway {

shard_link* publish_stored_will(proxy_state& state, std::string_view encoded) {
  const auto stored = session_store::decode_stored_will(base::as_bytes(encoded));
  if (!stored) {
    ++state.counters.stored_unreadable;
    const auto text = "a stored will cannot be read: " + std::string(session_store::explain(stored.error()));
    state.ports.log.write(
        {.severity = base::severity::error, .event = "stored_will_unreadable", .text = text, .fields = {}});
    return nullptr;
  }
  session::will will;
  will.topic = stored->topic;
  will.payload = stored->payload;
  will.properties = stored->properties;
  will.expiry_s = stored->expiry_s;
  will.qos = static_cast<mqtt::qos>(stored->qos);
  will.retain = stored->retain;
  return publish_will(state, will, {stored->client_id, stored->user_name});
}

void sweep_store(proxy_state& state) {
  const auto second = state.now.monotonic.value / 1000;
  if (second == state.swept_s) return;
  state.swept_s = second;
  state.ports.store.submit(session_store::sweep{0});
}

void on_swept(proxy_state& state, const session_store::swept& message) {
  for (const auto& due : message.all) {
    if (!due.will.empty()) publish_stored_will(state, due.will);
  }
}

}  // namespace headgate::proxy::gateway
