#pragma once

#include <algorithm>
#include <string>

#include "proxy/gateway/gauges.hpp"

namespace headgate::tests {

// Where the numbers that a gateway keeps differ from what its sessions say one by one; empty: nowhere.
inline std::string gauge_faults(const proxy::gateway::proxy_state& state) {
  using proxy::session::delivery_stage;
  proxy::gateway::gateway_view counted;
  for (std::uint32_t client = 0; client < state.sessions.size(); ++client) {
    const auto& session = state.sessions[client];
    counted.clients += session.state == proxy::session::connection_state::connected;
    counted.subscriptions += session.subscriptions.size();
    for (const auto& held : session.subscriptions.all())
      counted.shared_subscriptions += state.filters[held.filter].shared;
    counted.sessions_waiting += session.waits;
    const auto positions = session.positions.all();
    counted.sessions_behind += std::any_of(positions.begin(), positions.end(), [](const auto& position) {
      return position.stage == delivery_stage::behind;
    });
    counted.output_pending_bytes += session.pending_bytes;
  }
  const auto kept = view_of(state);
  std::string faults;
  const auto compare = [&](const char* name, std::uint64_t is, std::uint64_t should_be) {
    if (is == should_be) return;
    faults += std::string(name) + " is " + std::to_string(is) + " instead of " + std::to_string(should_be) + "; ";
  };
  compare("clients", kept.clients, counted.clients);
  compare("subscriptions", kept.subscriptions, counted.subscriptions);
  compare("shared_subscriptions", kept.shared_subscriptions, counted.shared_subscriptions);
  compare("sessions_waiting", kept.sessions_waiting, counted.sessions_waiting);
  compare("sessions_behind", kept.sessions_behind, counted.sessions_behind);
  compare("output_pending_bytes", kept.output_pending_bytes, counted.output_pending_bytes);
  return faults;
}

}  // namespace headgate::tests
