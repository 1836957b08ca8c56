#pragma once

#include "proxy/gateway/proxy_state.hpp"

// Retained messages for new subscriptions, given out in steps that the client has room for; on_retained_message() and
// on_retained_end() of events.hpp are here, too.
namespace headgate::proxy::gateway {

// The subscription has begun: asks its shards for what they retain, unless there is nothing. Above QoS 0 the session's
// live messages of each shard wait meanwhile, so that nothing newer is overtaken.
void begin_scans(proxy_state& state, std::uint32_t client, const pending_filter& filter);
// Another subscription has replaced this one, and asks for no retained messages: those still to come are the new one's
// [MQTT-3.8.4-3], with its identifier and at its QoS at most.
void renew_scans(proxy_state& state, std::uint32_t client, std::uint32_t filter);
// Goes on with those that wait for room.
void request_scans(proxy_state& state, std::uint32_t client);
// The filter is given up, or asked for anew.
void cancel_scans(proxy_state& state, std::uint32_t client, std::uint32_t filter);
// The connection ends: what is under way is not resumed.
void end_scans(proxy_state& state, std::uint32_t client);

}  // namespace headgate::proxy::gateway
