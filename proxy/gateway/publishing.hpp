#pragma once

#include <string_view>

#include "proxy/gateway/proxy_state.hpp"

namespace headgate::proxy::gateway {

// Writes a message into the batch of its shard. Above QoS 0 or with RETAIN it has a place in the log, and `waiting`
// says who is told when it is there. `message.topic_hash` is there. Returns the shard.
shard_link& append(proxy_state& state, record::message& message, const pending_publish& waiting);

// Publishes a will if its client may do so, now that it is due; else it is counted and logged. Returns the shard that
// it goes to, or null. `waiting` as for append().
shard_link* publish_will(proxy_state& state, const session::will& will, const principal& owner,
                         const pending_publish& waiting);

// Publishes a value of the server's own, as mosquitto does: QoS 0 with RETAIN, so that who subscribes later gets the
// last one at once. It counts as nobody's publish. `topic` is a valid one below "$SYS/", which is no client's.
void publish_sys(proxy_state& state, std::string_view topic, std::string_view value);

}  // namespace headgate::proxy::gateway
