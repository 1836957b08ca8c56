#include "proxy/gateway/proxy_state.hpp"

#include "proxy/gateway/events.hpp"

namespace headgate::proxy::gateway {

proxy_state::proxy_state(const base::limits& limits, const gateway_place& place, const gateway_ports& ports,
                         base::instant now, std::uint64_t seed)
    : limits(limits),
      place(place),
      ports(ports),
      now(now),
      random(seed),
      timers(now.monotonic),
      tail(base::tail_bytes),
      authorise_all(ports.rights.has_rules()),
      client_lines(limits.client_lines_per_second) {
  for (std::uint16_t id = 0; id < place.map.shard_count(); ++id) {
    shards.push_back(std::make_unique<shard_link>(base::shard_id{id}, record::producer_id{random.next()}));
  }
}

proxy_state::~proxy_state() {
  for (std::uint32_t client = 0; client < sessions.size(); ++client) sessions[client].inflight.clear(inflight_pool);
}

void proxy_state::on_authenticated(std::uint32_t request, mqtt::reason_code reason) {
  gateway::on_authenticated(*this, request, reason);
}

}  // namespace headgate::proxy::gateway
