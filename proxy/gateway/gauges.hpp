#pragma once

#include "proxy/gateway/proxy_state.hpp"

// Numbers of what is so now, kept where it changes, so that nobody has to go through a million sessions to count them.
namespace headgate::proxy::gateway {

// A position of the session has changed its stage, or all have ended.
void count_behind(proxy_state& state, session::session& session);

// What the client's socket did not take is now so much; 0 when the socket is gone.
inline void set_pending(proxy_state& state, session::session& session, std::uint32_t pending_bytes) {
  state.output_pending_bytes += pending_bytes;
  state.output_pending_bytes -= session.pending_bytes;
  session.pending_bytes = pending_bytes;
}

// The counters, with the gauges.
gateway_view view_of(const proxy_state& state);

}  // namespace headgate::proxy::gateway
