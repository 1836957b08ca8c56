#include "proxy/gateway/waiting.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "proxy/gateway/gauges.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/subscribing.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::delivery_stage;

// Queues kept for the next who has to wait, so that a client whose window is just full now and then allocates nothing.
constexpr std::size_t max_kept_queues = 256;

void begin_waiting(proxy_state& state, session::session& session) {
  session.waits = true;
  ++state.waiting_sessions;
  ++state.counters.waiting;
  auto& queue = session.with_details().waiting;
  if (state.waiting_pool.empty()) {
    queue = std::make_unique<session::waiting_queue>();
    return;
  }
  queue = std::move(state.waiting_pool.back());
  state.waiting_pool.pop_back();
}

// The tail no longer has what the session waits for: all of it is read from the log.
void fall_behind(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  for (auto& position : session.positions.all()) {
    if (position.next == position.seen) continue;
    position.seen = position.next;
    position.stage = delivery_stage::behind;
  }
  ++state.counters.catching_up;
  count_behind(state, session);
  stop_waiting(state, client);
}

// Sends one record that waited. False when there is no room.
bool send(proxy_state& state, std::uint32_t client, const tail_entry& entry) {
  auto& session = state.sessions[client];
  const link::stream_entry stream{entry.record, entry.place, 0, 0};
  auto delivery = delivery_of(state, stream, base::shard_id{entry.shard}, entry.timestamp_ms);
  const auto before = deliveries_of(state.counters);
  const auto grant = grant_of(state, client, delivery, state.tail.ids_of(entry));
  const bool expired = entry.record->expiry_s != mqtt::no_expiry && entry.record->expiry_s <= delivery.age_s;
  if (grant && expired) {
    ++state.counters.dropped_expired;
  } else if (grant && grant->qos == mqtt::qos::at_most_once) {
    deliver_qos0(state, client, *grant, delivery);
  } else if (grant && !send_above_qos0(state, client, *grant, delivery)) {
    return false;
  }
  count_late(state, delivery, deliveries_of(state.counters) - before);
  session.position_in(entry.shard)->next = entry.place.value + 1;
  return true;
}

}  // namespace

void wait_in_line(proxy_state& state, std::uint32_t client, session::position& position, const delivery& delivery) {
  auto& session = state.sessions[client];
  if (!session.waits) begin_waiting(state, session);
  auto& waiting = *session.more->waiting;
  if (waiting.size() >= base::max_waiting) {
    position.stage = delivery_stage::behind;
    ++state.counters.catching_up;
    count_behind(state, session);
    return;
  }
  waiting.push_back(state.tail.add({delivery.record, delivery.place, delivery.timestamp_ms, 0, 0, delivery.shard},
                                   delivery.ids, *delivery.batch));
  position.seen = delivery.place.value + 1;
}

void send_waiting(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  if (!session.waits) return;
  auto& waiting = *session.more->waiting;
  while (!waiting.empty() && has_room(state, client)) {
    if (state.arena.wants_flush()) flush_all(state);
    const auto* entry = state.tail.find(waiting.front());
    if (entry == nullptr) return fall_behind(state, client);
    if (!send(state, client, *entry)) return;
    waiting.pop_front();
  }
  if (!waiting.empty()) return;
  stop_waiting(state, client);
  // Where it did not fall behind meanwhile it has all that was streamed: nothing older can come there.
  for (auto& position : session.positions.all()) skip_streamed(session, position, *state.shards[position.shard]);
  std::erase_if(session.more->starts, [&](const session::filter_start& start) {
    return session.position_in(start.shard)->stage == delivery_stage::live;
  });
}

void stop_waiting(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  if (!session.waits) return;
  session.waits = false;
  auto lent = std::move(session.more->waiting);
  while (!lent->empty()) lent->pop_front();
  if (state.waiting_pool.size() < max_kept_queues) state.waiting_pool.push_back(std::move(lent));
  if (--state.waiting_sessions == 0) state.tail.clear();
}

bool starts_later(const session::session& session, std::uint32_t filter, const delivery& delivery) {
  if (!session.more) return false;
  const auto& starts = session.more->starts;
  const auto found =
      std::lower_bound(starts.begin(), starts.end(), session::filter_start{filter, delivery.shard, 0}, session::before);
  return found != starts.end() && found->filter == filter && found->shard == delivery.shard &&
         delivery.place.value < found->start;
}

}  // namespace headgate::proxy::gateway
