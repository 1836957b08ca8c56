#include "proxy/gateway/subscribing.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/hash.hpp"
#include "mqtt/topic.hpp"
#include "proxy/gateway/catching_up.hpp"
#include "proxy/gateway/gauges.hpp"
#include "proxy/gateway/groups.hpp"
#include "proxy/gateway/retained.hpp"
#include "shard-router/routing_key.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::delivery_stage;

// The last holder of a filter leaves: the shards forget its route, then its number is free.
void withdraw(proxy_state& state, std::uint32_t filter, std::uint32_t linger_s) {
  state.filters.hide(filter);
  --state.counters.filters;
  auto& entry = state.filters[filter];
  for_each_shard_of(state, entry.text.view(), [&](shard_link& shard) {
    ++entry.unconfirmed;
    seal_batch(state, shard);
    shard.outgoing.messages.emplace_back(
        link::withdraw_route{state.place.worker, link::filter_id{filter}, entry.text.view(), linger_s});
  });
}

// One of several members of a group leaves. At once, and not at the turn's end: before whatever this worker refuses
// from now on, since it may be for the one that may come back.
void leave_group(proxy_state& state, std::uint32_t filter, std::uint32_t linger_s) {
  credit_changed(state, filter);
  if (linger_s == 0) return;
  for_each_shard_of(state, state.filters[filter].text.view(), [&](shard_link& shard) {
    shard.outgoing.messages.emplace_back(link::group_away{state.place.worker, link::filter_id{filter}, linger_s});
  });
}

void leave_filter(proxy_state& state, session::held_filter held, std::uint32_t linger_s) {
  auto& filter = state.filters[held.filter];
  filter.subscribers.remove(held.place);
  const auto left = filter.subscribers.all();
  if (held.place < left.size()) {
    // The last subscriber took the free place: its session has to know.
    auto* moved = state.sessions[left[held.place].session].subscriptions.find(held.filter);
    HEADGATE_ASSERT(moved != nullptr);
    moved->place = held.place;
  }
  if (left.empty()) {
    withdraw(state, held.filter, linger_s);
  } else if (filter.shared) {
    leave_group(state, held.filter, linger_s);
  }
}

// Where a filter starts in a log; what was noted before of the same is replaced. The list is sorted.
void note_start(session::session& session, const session::filter_start& added) {
  auto& starts = session.with_details().starts;
  const auto at = std::lower_bound(starts.begin(), starts.end(), added, session::before);
  if (at != starts.end() && at->filter == added.filter && at->shard == added.shard) {
    at->start = added.start;
  } else {
    starts.insert(at, added);
  }
}

// The session's position in a shard where it has a filter now: from here on. One granted QoS 0 needs none, but what
// waits, or is read, from further back is not for it either; it may even have been matched by an older filter of the
// same number.
void begin_position(proxy_state& state, std::uint32_t client, std::uint32_t filter, mqtt::qos maximum_qos,
                    shard_link& shard) {
  auto& session = state.sessions[client];
  auto* position = session.position_in(shard.id.value);
  if (position == nullptr) {
    if (maximum_qos == mqtt::qos::at_most_once) return;
    session.positions.add({shard.streamed_to, shard.streamed_to, shard.id.value});
    return read_again(state, client);
  }
  skip_streamed(session, *position, shard);
  // What comes from further back is not for this filter.
  if (position->stage == delivery_stage::behind || session.waits) {
    note_start(session, {filter, shard.id.value, shard.streamed_to});
    read_again(state, client);
  }
}

void end_positions(proxy_state& state, session::session& session) {
  session.positions.clear();
  count_behind(state, session);
}

}  // namespace

void skip_streamed(const session::session& session, session::position& position, const shard_link& shard) {
  if (position.stage != delivery_stage::live || session.waits) return;
  position.next = position.seen = std::max(position.seen, shard.streamed_to);
}

std::optional<base::shard_id> only_shard_of(const proxy_state& state, std::string_view filter) {
  const auto parts = mqtt::split_shared_filter(filter);
  const auto key = shard_router::routing_key_of_filter(parts ? parts->filter : filter, state.place.key_levels);
  if (!key) return std::nullopt;
  return state.place.map.shard_of(shard_router::slot_of(base::hash_of(*key)));
}

base::shard_id shard_of_topic(const proxy_state& state, std::string_view topic, std::uint64_t topic_hash) {
  const auto levels = state.place.key_levels;
  const auto hash = levels == 0 ? topic_hash : base::hash_of(shard_router::routing_key(topic, levels));
  return state.place.map.shard_of(shard_router::slot_of(hash));
}

std::uint32_t begin_subscription(proxy_state& state, std::uint32_t client, std::string_view filter, bool checked,
                                 bool* is_new) {
  auto id = state.filters.find(filter);
  if (id == filter_table::none) {
    id = state.filters.insert(filter);
    ++state.counters.filters;
  }
  auto& session = state.sessions[client];
  *is_new = session.subscriptions.find(id) == nullptr;
  if (*is_new) {
    subscriber added;
    added.session = client;
    session.subscriptions.insert({id, state.filters[id].subscribers.add(added)});
    ++state.counters.subscriptions;
    if (state.filters[id].shared) {
      ++state.counters.shared_subscriptions;
      ++session.shared_filters;
      session.with_details().shared.push_back(id);
    }
  }
  state.filters[id].subscribers.all()[session.subscriptions.find(id)->place].checked = checked;
  return id;
}

std::uint16_t register_filter(proxy_state& state, std::uint32_t filter, std::uint32_t expiry_s,
                              const pending_route& pending) {
  std::uint16_t asked = 0;
  for_each_shard_of(state, state.filters[filter].text.view(), [&](shard_link& shard) {
    seal_batch(state, shard);
    const auto request = state.routes.acquire();
    state.routes[request] = pending;
    shard.outgoing.messages.emplace_back(link::register_route{state.place.worker, link::filter_id{filter},
                                                              state.filters[filter].text.view(), request, expiry_s});
    ++asked;
  });
  return asked;
}

void activate_subscription(proxy_state& state, std::uint32_t client, std::uint32_t filter,
                           const subscription_options& options) {
  auto& session = state.sessions[client];
  const auto* held = session.subscriptions.find(filter);
  if (held == nullptr) return;  // unsubscribed meanwhile
  auto& subscriber = state.filters[filter].subscribers.all()[held->place];
  const bool is_held = !subscriber.pending;
  const bool had_position = is_held && subscriber.maximum_qos != mqtt::qos::at_most_once;
  subscriber.set(options);
  subscriber.pending = false;
  if (state.filters[filter].shared) return members_changed(state, filter);
  if (had_position || (is_held && options.maximum_qos == mqtt::qos::at_most_once)) return;
  for_each_shard_of(state, state.filters[filter].text.view(),
                    [&](shard_link& shard) { begin_position(state, client, filter, options.maximum_qos, shard); });
}

bool end_subscription(proxy_state& state, std::uint32_t client, std::string_view filter) {
  const auto id = state.filters.find(filter);
  if (id == filter_table::none) return false;
  auto& session = state.sessions[client];
  const auto* found = session.subscriptions.find(id);
  if (found == nullptr) return false;
  const auto held = *found;
  session.subscriptions.erase(id);
  --state.counters.subscriptions;
  if (session.more) std::erase_if(session.more->starts, [&](const auto& start) { return start.filter == id; });
  if (state.filters[id].shared) {
    --session.shared_filters;
    --state.counters.shared_subscriptions;
    std::erase(session.more->shared, id);
    give_back(state, client, id);
  }
  cancel_scans(state, client, id);
  leave_filter(state, held, 0);
  if (session.shared_filters > 0) offer_room(state, client);  // what it gave back takes no room any more
  if (session.subscriptions.size() == 0 && !session.waits) end_positions(state, session);
  return true;
}

void end_all_subscriptions(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  if (session.shared_filters > 0) give_back_all(state, client);
  for (const auto& held : session.subscriptions.all()) leave_filter(state, held, session.expiry_s);
  state.counters.subscriptions -= session.subscriptions.size();
  state.counters.shared_subscriptions -= session.shared_filters;
  session.subscriptions.clear();
  session.shared_filters = 0;
  end_positions(state, session);
}

void seal_batch(proxy_state& state, shard_link& shard) {
  if (!shard.builder.is_open()) return;
  shard.outgoing.messages.emplace_back(
      link::publish_batch{state.place.worker, shard.builder.seal(), state.received_us});
}

}  // namespace headgate::proxy::gateway
