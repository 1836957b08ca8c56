#include <algorithm>
#include <string>

#include "proxy/gateway/catching_up.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/deliver.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::delivery_stage;

bool has_room(const proxy_state& state, const session::session& session) {
  return !session.window_full() && session.pending_bytes < state.limits.max_output_bytes;
}

// Whether one of the session's own filters, granted QoS 1, brings it this record.
bool wants(proxy_state& state, const session::session& session, std::span<const std::uint32_t> ids,
           const delivery& delivery) {
  return std::any_of(ids.begin(), ids.end(), [&](std::uint32_t filter) {
    const auto* held = session.subscriptions.find(filter);
    if (held == nullptr) return false;
    const auto& subscriber = state.filters[filter].subscribers.all()[held->place];
    return subscriber.maximum_qos != mqtt::qos::at_most_once && is_for(state, subscriber, delivery);
  });
}

}  // namespace

void request_read(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  if (session.stage != delivery_stage::catching_up || session.read_requested || !has_room(state, session)) return;
  session.read_requested = true;
  state.wants_read.push_back(state.ref_of(client));
}

void hand_over_reads(proxy_state& state) {
  std::vector<link::read_request>& requests = state.read_requests;
  requests.clear();
  state.read_filters.clear();
  for (std::size_t left = std::min(state.wants_read.size(), base::log_reads_per_turn); left > 0; --left) {
    const auto client = state.wants_read.front();
    state.wants_read.pop_front();
    const auto* session = state.connected(client);
    if (session == nullptr) continue;
    for (const auto& held : session->subscriptions.all()) state.read_filters.push_back(held.filter);
    const std::uint32_t places = session->window - session->inflight.count();
    requests.push_back({state.worker, client, record::offset{session->next}, {}, places, 0});
  }
  // The list of filters has its place in memory only now.
  std::size_t first = 0;
  for (auto& request : requests) {
    const auto count = state.sessions[request.client.index].subscriptions.size();
    request.filters = std::span<const std::uint32_t>(state.read_filters).subspan(first, count);
    request.max_bytes = static_cast<std::uint32_t>(base::log_read_bytes_per_turn / requests.size());
    first += count;
    state.shards.front()->outgoing.emplace_back(request);
  }
}

void on_read_batch(proxy_state& state, const link::read_batch& message, std::span<const link::stream_entry> entries,
                   std::span<const std::uint32_t> ids) {
  auto* session = state.connected(message.client);
  if (session == nullptr) return;
  delivery delivery;
  const auto now_ms = state.now.wall.value;
  delivery.age_s =
      static_cast<std::uint32_t>(now_ms > message.timestamp_ms ? (now_ms - message.timestamp_ms) / 1000 : 0);
  for (const auto& entry : entries) {
    // Below the position it was sent; once something found no room, what comes after it has to wait too.
    if (entry.place.value < session->next || session->answer_cut) continue;
    delivery.record = entry.record;
    delivery.place = entry.place;
    if (!wants(state, *session, ids.subspan(entry.first_id, entry.id_count), delivery)) continue;
    if (entry.record->expiry_s != mqtt::no_expiry && entry.record->expiry_s <= delivery.age_s) {
      ++state.counters.dropped_expired;
      continue;
    }
    if (!deliver_qos1(state, message.client.index, delivery)) {
      session->answer_cut = true;
      session->next = entry.place.value;
    }
    if (state.arena.wants_flush()) flush_all(state);
  }
}

void on_read_end(proxy_state& state, const link::read_end& message) {
  auto* session = state.connected(message.client);
  if (session == nullptr) return;
  if (message.lost > 0) {
    state.counters.lost_below_log_start += message.lost;
    log_client(state, message.client.index,
               "fell behind the start of the log, which holds log.memory_bytes: of " + std::to_string(message.lost) +
                   " messages those for it are lost");
  }
  session->read_requested = false;
  const bool stopped = std::exchange(session->answer_cut, false);
  if (!stopped) {
    session->next = std::max(session->next, message.to.value);
    if (message.at_end) session->stage = delivery_stage::live;
  }
  request_read(state, message.client.index);
}

}  // namespace headgate::proxy::gateway
