#include "proxy/gateway/gauges.hpp"

#include <algorithm>

namespace headgate::proxy::gateway {

void count_behind(proxy_state& state, session::session& session) {
  const auto positions = session.positions.all();
  const bool behind = std::any_of(positions.begin(), positions.end(), [](const session::position& position) {
    return position.stage == session::delivery_stage::behind;
  });
  if (behind == session.behind) return;
  session.behind = behind;
  behind ? ++state.behind_sessions : --state.behind_sessions;
}

gateway_view view_of(const proxy_state& state) {
  auto view = state.counters;
  // A delivery is one packet, and counted as such already.
  view.packets_out += deliveries_of(view) + view.deliveries_repeated;
  view.connects_pending = state.connects.in_use();
  view.subscribes_pending = state.subscribes.in_use();
  view.sessions_waiting = state.waiting_sessions;
  view.sessions_behind = state.behind_sessions;
  for (const auto& shard : state.shards) view.publishes_unacknowledged += shard->unacknowledged.size();
  view.wills_waiting = state.wills.in_use();
  view.tail_bytes = state.tail.bytes();
  view.output_pending_bytes = state.output_pending_bytes;
  return view;
}

}  // namespace headgate::proxy::gateway
