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

// Whether this member of the group was sent the message and is silent about it.
bool has_in_hand(proxy_state& state, std::uint32_t client, const session::held_group_message& message);
// The message that came back for want of anybody else is that member's again, as it was: it has it in hand.
void leave_in_hand(proxy_state& state, std::uint32_t client, const session::held_group_message& message);

}  // namespace headgate::proxy::gateway
