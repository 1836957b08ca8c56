#include "proxy/gateway/latencies.hpp"

#include "proxy/gateway/deliver.hpp"
#include "proxy/gateway/proxy_state.hpp"

namespace headgate::proxy::gateway {

void latencies::sent(std::uint64_t now_us, gateway_view& counters) {
  const auto add = [&](std::vector<noted>& all, base::latency_histogram& histogram) {
    for (const auto& one : all) histogram.add(now_us > one.received_us ? now_us - one.received_us : 0, one.count);
    all.clear();
  };
  add(acknowledged_, counters.publish_to_acknowledgement);
  add(delivered_, counters.publish_to_delivery);
}

void count_sent(proxy_state& state) {
  state.latencies.count_stream(deliveries_of(state.counters));
  if (state.latencies.empty()) return;
  state.latencies.sent(state.ports.clock.monotonic_ns() / 1000, state.counters);
}

void count_late(proxy_state& state, const delivery& delivery, std::uint64_t count) {
  const auto now_ms = state.now.wall.value;
  const auto elapsed_ms = now_ms > delivery.timestamp_ms ? now_ms - delivery.timestamp_ms : 0;
  state.counters.publish_to_delivery.add(elapsed_ms * 1000, count);
}

}  // namespace headgate::proxy::gateway
