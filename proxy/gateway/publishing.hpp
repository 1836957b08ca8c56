#pragma once

#include "proxy/gateway/proxy_state.hpp"

namespace headgate::proxy::gateway {

// Writes a message into the batch of its shard. Above QoS 0 or with RETAIN it has a place in the log, and `waiting`
// says who is told when it is there.
void append(proxy_state& state, record::message& message, const pending_publish& waiting);

// Publishes a will.
void publish_will(proxy_state& state, const session::will& will, std::uint64_t publisher_hash);

}  // namespace headgate::proxy::gateway
