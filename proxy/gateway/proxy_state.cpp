#include "proxy/gateway/proxy_state.hpp"

#include <algorithm>
#include <limits>

#include "proxy/gateway/events.hpp"
#include "proxy/gateway/rights.hpp"

namespace headgate::proxy::gateway {

namespace {

// The place of the terms among all that clients were told; when there is no place for more, those in force stay.
std::uint16_t place_of(std::vector<connection_terms>& all, const connection_terms& terms, std::uint16_t current) {
  const auto found = std::find(all.begin(), all.end(), terms);
  if (found != all.end()) return static_cast<std::uint16_t>(found - all.begin());
  if (all.size() > std::numeric_limits<std::uint16_t>::max()) return current;
  all.push_back(terms);
  return static_cast<std::uint16_t>(all.size() - 1);
}

}  // namespace

proxy_state::proxy_state(const base::limits& limits, const gateway_place& place, const gateway_ports& ports,
                         base::instant now, std::uint64_t seed)
    : limits(limits),
      place(place),
      ports(ports),
      now(now),
      random(seed),
      timers(now.monotonic),
      tail(base::tail_bytes),
      client_lines(limits.client_lines_per_second) {
  set_limits(limits);
  take_rules(*this);
  for (std::uint16_t id = 0; id < place.map.shard_count(); ++id) {
    shards.push_back(std::make_unique<shard_link>(base::shard_id{id}, record::producer_id{random.next()}));
  }
}

proxy_state::~proxy_state() {
  for (std::uint32_t client = 0; client < sessions.size(); ++client) sessions[client].inflight.clear(inflight_pool);
}

void proxy_state::set_limits(const base::limits& changed) {
  current_terms =
      place_of(terms, {changed.max_packet_bytes, changed.inflight_in, changed.topic_aliases}, current_terms);
  const auto& told = terms[current_terms];
  limits.max_packet_bytes = told.max_packet_bytes;
  limits.inflight_in = told.inflight_in;
  limits.topic_aliases = told.topic_aliases;
  limits.max_inflight = changed.max_inflight;
  limits.max_output_bytes = changed.max_output_bytes;
  limits.max_subscriptions = changed.max_subscriptions;
  limits.max_keep_alive_s = changed.max_keep_alive_s;
  limits.redeliver_after_s = changed.redeliver_after_s;
  limits.connect_timeout_s = changed.connect_timeout_s;
  limits.client_lines_per_second = changed.client_lines_per_second;
  client_lines.set_per_second(changed.client_lines_per_second);
  stop_reading_at = std::max(
      stop_reading_at, std::uint64_t{limits.max_output_bytes} + limits.max_packet_bytes + base::waiting_answers_bytes);
}

void proxy_state::on_authenticated(std::uint32_t request, mqtt::reason_code reason) {
  gateway::on_authenticated(*this, request, reason);
}

}  // namespace headgate::proxy::gateway
