#include "proxy/gateway/catching_up.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "proxy/gateway/client_lines.hpp"
#include "proxy/gateway/deliver.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/gauges.hpp"
#include "proxy/gateway/groups.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/resending.hpp"
#include "proxy/gateway/retained.hpp"
#include "proxy/gateway/subscribing.hpp"
#include "proxy/gateway/waiting.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::delivery_stage;

bool can_read(const session::position& position) {
  return position.stage == delivery_stage::behind && position.scans == 0;
}

// The log that is read next: each in its turn, or one that is always behind would keep the others waiting.
session::position* next_to_read(session::session& session) {
  const auto all = session.positions.all();
  const auto found = std::find_if(all.begin(), all.end(), can_read);
  if (found == all.end()) return nullptr;
  std::rotate(found, found + 1, all.end());
  return &all.back();
}

link::read_request request_of(proxy_state& state, base::client_ref client, const session::position& position) {
  auto& session = state.sessions[client.index];
  auto& outgoing = state.shards[position.shard]->outgoing;
  link::read_request request;
  request.from = state.place.worker;
  request.client = client;
  request.start = record::offset{position.seen};
  request.first_filter = static_cast<std::uint32_t>(outgoing.filters.size());
  for (const auto& held : session.subscriptions.all()) {
    if (!state.filters[held.filter].subscribers.all()[held.place].pending) outgoing.filters.push_back(held.filter);
  }
  request.filter_count = static_cast<std::uint32_t>(outgoing.filters.size()) - request.first_filter;
  if (request.filter_count <= base::filters_read_by_topic) {
    request.first_text = static_cast<std::uint32_t>(outgoing.texts.size());
    for (auto n = request.first_filter; n < outgoing.filters.size(); ++n) {
      const auto text = state.filters[outgoing.filters[n]].text.view();
      // Only a shard at which the filter is registered has its text for as long as it needs.
      const auto only = only_shard_of(state, text);
      if (!only || only->value == position.shard) outgoing.texts.push_back(text);
    }
    request.text_count = static_cast<std::uint32_t>(outgoing.texts.size()) - request.first_text;
  }
  request.places = static_cast<std::uint32_t>(session.window - session.inflight.count());
  return request;
}

void read_one(proxy_state& state, session::position& position, const delivery& delivery, std::uint32_t client,
              std::span<const std::uint32_t> ids) {
  auto& session = state.sessions[client];
  const auto grant = grant_of(state, client, delivery, ids);
  // What is granted at QoS 0 went out when it came.
  if (!grant || grant->qos == mqtt::qos::at_most_once) return;
  if (delivery.record->expiry_s != mqtt::no_expiry && delivery.record->expiry_s <= delivery.age_s) {
    ++state.counters.dropped_expired;
    return;
  }
  const auto before = deliveries_of(state.counters);
  if (!send_above_qos0(state, client, *grant, delivery)) {
    session.read_again = true;
    position.next = position.seen = delivery.place.value;
    return;
  }
  count_late(state, delivery, deliveries_of(state.counters) - before);
  position.next = position.seen = delivery.place.value + 1;
}

}  // namespace

void use_room(proxy_state& state, std::uint32_t client) {
  request_resends(state, client);
  send_waiting(state, client);
  request_scans(state, client);
  request_read(state, client);
  offer_room(state, client);
}

void request_read(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  if (session.read_requested || session.waits || (session.more && session.more->unsent > 0)) return;
  const auto all = session.positions.all();
  if (std::none_of(all.begin(), all.end(), can_read) || !has_room(state, client)) return;
  session.read_requested = true;
  state.wants_read.push_back(state.ref_of(client));
}

void read_again(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  if (session.read_requested) session.read_again = true;
}

void hand_over_reads(proxy_state& state) {
  const auto count = std::min(state.wants_read.size(), base::log_reads_per_turn);
  for (auto left = count; left > 0; --left) {
    const auto client = state.wants_read.front();
    state.wants_read.pop_front();
    auto* session = state.connected(client);
    if (session == nullptr) continue;
    auto* position = session->window_full() ? nullptr : next_to_read(*session);
    if (position == nullptr) {
      session->read_requested = false;
      continue;
    }
    auto request = request_of(state, client, *position);
    request.max_bytes = static_cast<std::uint32_t>(base::log_read_bytes_per_turn / count);
    session->read_again = false;
    state.shards[position->shard]->outgoing.messages.emplace_back(request);
  }
}

void on_read_batch(proxy_state& state, const link::read_batch& message, std::span<const link::stream_entry> entries,
                   std::span<const std::uint32_t> ids) {
  auto* session = state.connected(message.client);
  auto* found = session == nullptr ? nullptr : session->position_in(message.shard.value);
  if (found == nullptr) return;
  auto& position = *found;
  for (const auto& entry : entries) {
    // Below the position it was sent; once something found no room, what comes after it has to wait too.
    if (entry.place.value < position.seen || session->read_again) continue;
    const auto delivery = delivery_of(state, entry, message.shard, message.timestamp_ms);
    read_one(state, position, delivery, message.client.index, ids.subspan(entry.first_id, entry.id_count));
    if (state.arena.wants_flush()) flush_all(state);
  }
}

void on_read_end(proxy_state& state, const link::read_end& message) {
  auto* session = state.connected(message.client);
  if (session == nullptr) return;
  const auto client = message.client.index;
  if (message.lost > 0) {
    state.counters.lost_below_log_start += message.lost;
    tell_problem(state, client, "client_lost_messages",
                 "fell behind the start of the log, which keeps what its settings say (log.…): of " +
                     std::to_string(message.lost) + " messages those for it are lost");
  }
  session->read_requested = false;
  auto* position = session->position_in(message.shard.value);
  if (!std::exchange(session->read_again, false) && position != nullptr) {
    position->next = position->seen = std::max(position->seen, message.to.value);
    if (message.at_end && position->scans == 0) {
      position->stage = delivery_stage::live;
      count_behind(state, *session);
      if (session->more) {
        std::erase_if(session->more->starts, [&](const auto& start) { return start.shard == message.shard.value; });
      }
    }
  }
  request_read(state, client);
}

}  // namespace headgate::proxy::gateway
