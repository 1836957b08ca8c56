#include "proxy/gateway/publishing.hpp"

#include "base/hash.hpp"
#include "proxy/gateway/client_lines.hpp"
#include "proxy/gateway/subscribing.hpp"
#include "proxy/gateway/wills.hpp"

namespace headgate::proxy::gateway {

shard_link& append(proxy_state& state, record::message& message, const pending_publish& waiting) {
  auto& shard = *state.shards[shard_of_topic(state, message.topic, message.topic_hash).value];
  if (!shard.builder.fits(record::batch_builder::size_of(message))) seal_batch(state, shard);
  shard.builder.add(message);
  const bool logged = (message.flags & (record::flag_qos_mask | record::flag_retain)) != 0;
  if (logged) shard.unacknowledged.push_back(waiting);
  return shard;
}

shard_link* publish_will(proxy_state& state, const session::will& will, const principal& owner,
                         const pending_publish& waiting) {
  if (!state.ports.rights.may_write(owner, will.topic)) {
    ++state.counters.wills_refused;
    tell_will_refused(state, owner, will.topic);
    return nullptr;
  }
  record::message message;
  message.topic = will.topic;
  message.topic_hash = base::hash_of(message.topic);
  message.publisher_hash = base::hash_of(owner.client_id);
  message.flags = static_cast<std::uint8_t>(static_cast<unsigned>(will.qos) | (will.retain ? record::flag_retain : 0U));
  message.expiry_s = will.expiry_s;
  message.properties = base::as_bytes(will.properties);
  message.payload = base::as_bytes(will.payload);
  if (!is_logged(will)) ++state.counters.wills;  // of the others the log says when it has them
  if (will.nonce != 0) message.exchange = exchange_of_will(will.nonce);
  return &append(state, message, waiting);
}

void publish_sys(proxy_state& state, std::string_view topic, std::string_view value) {
  record::message message;
  message.topic = topic;
  message.topic_hash = base::hash_of(topic);
  message.flags = record::flag_retain;
  message.expiry_s = mqtt::no_expiry;
  message.payload = base::as_bytes(value);
  append(state, message, {});
}

}  // namespace headgate::proxy::gateway
