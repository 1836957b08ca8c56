#include <algorithm>

#include "mqtt/ping.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"

namespace headgate::proxy::gateway {

void on_pingreq(proxy_state& state, std::uint32_t client, const mqtt::frame& packet) {
  if (!packet.body.empty()) return close_with_error(state, client, mqtt::errc::trailing_bytes);
  ++state.counters.packets_out;
  auto* begin = state.arena.reserve(mqtt::pingresp.size());
  auto* end = std::copy(mqtt::pingresp.begin(), mqtt::pingresp.end(), begin);
  state.arena.take(end);
  add_output(state, client, {begin, end}, output::other);
}

}  // namespace headgate::proxy::gateway
