#pragma once

#include "proxy/gateway/proxy_state.hpp"

// A member of a shared subscription that is connected and does not acknowledge a QoS 1 message: after
// redeliver_after_s somebody else gets it as well. What the silent one says of it later frees its packet id, no more.
namespace headgate::proxy::gateway {

// Once a turn: a part of the sessions, where it is time.
void watch_silence(proxy_state& state);
inline bool watches_silence(const proxy_state& state) {
  return state.silence.session != silence_watch::over;
}

// Whether the client was sent this message and is silent about it.
bool has_in_hand(const proxy_state& state, std::uint32_t client, std::uint16_t shard, std::uint64_t offset);
// The message that came back for want of anybody else is that client's again, as it was. False: it does not have it.
bool leave_in_hand(proxy_state& state, std::uint32_t client, std::uint32_t filter, std::uint16_t shard,
                   std::uint64_t offset);

}  // namespace headgate::proxy::gateway
