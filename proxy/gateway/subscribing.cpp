#include "proxy/gateway/subscribing.hpp"

#include "base/assert.hpp"

namespace headgate::proxy::gateway {

namespace {

// The last holder of a filter leaves: the shards forget its route, then its number is free.
void withdraw(proxy_state& state, std::uint32_t filter) {
  state.filters.hide(filter);
  --state.counters.filters;
  state.filters[filter].unconfirmed = static_cast<std::uint32_t>(state.shards.size());
  for (auto& shard : state.shards) {
    seal_batch(state, *shard);
    shard->outgoing.emplace_back(
        link::withdraw_route{state.worker, link::filter_id{filter}, state.filters[filter].text.view()});
  }
}

void leave_filter(proxy_state& state, session::held_filter held) {
  auto& filter = state.filters[held.filter];
  filter.subscribers.remove(held.place);
  const auto left = filter.subscribers.all();
  if (held.place < left.size()) {
    // The last subscriber took the free place: its session has to know.
    auto* moved = state.sessions[left[held.place].session].subscriptions.find(held.filter);
    HEADGATE_ASSERT(moved != nullptr);
    moved->place = held.place;
  }
  if (left.empty()) withdraw(state, held.filter);
}

}  // namespace

std::uint32_t begin_subscription(proxy_state& state, std::uint32_t client, std::string_view filter, subscriber options,
                                 std::uint32_t subscribe) {
  auto id = state.filters.find(filter);
  if (id == filter_table::none) {
    id = state.filters.insert(filter);
    ++state.counters.filters;
  }
  auto& held = state.sessions[client].subscriptions;
  if (const auto* present = held.find(id)) {
    auto& granted = state.filters[id].subscribers.all()[present->place];
    // What was sent at QoS 0 so far is not sent again at QoS 1: that has a start of its own.
    const bool raised = granted.maximum_qos == mqtt::qos::at_most_once && options.maximum_qos != granted.maximum_qos;
    if (raised) granted.start = unanswered;
    granted.maximum_qos = options.maximum_qos;
    granted.no_local = options.no_local;
  } else {
    held.insert({id, state.filters[id].subscribers.add(options)});
  }

  std::uint32_t asked = 0;
  for (auto& shard : state.shards) {
    seal_batch(state, *shard);
    const auto request = state.routes.acquire();
    state.routes[request] = {subscribe, id};
    shard->outgoing.emplace_back(
        link::register_route{state.worker, link::filter_id{id}, state.filters[id].text.view(), request});
    ++asked;
  }
  return asked;
}

bool end_subscription(proxy_state& state, std::uint32_t client, std::string_view filter) {
  const auto id = state.filters.find(filter);
  if (id == filter_table::none) return false;
  auto& subscriptions = state.sessions[client].subscriptions;
  const auto* found = subscriptions.find(id);
  if (found == nullptr) return false;
  const auto held = *found;
  subscriptions.erase(id);
  leave_filter(state, held);
  return true;
}

void end_all_subscriptions(proxy_state& state, std::uint32_t client) {
  auto& subscriptions = state.sessions[client].subscriptions;
  for (const auto& held : subscriptions.all()) leave_filter(state, held);
  subscriptions.clear();
}

void seal_batch(proxy_state& state, shard_link& shard) {
  if (!shard.builder.is_open()) return;
  shard.outgoing.emplace_back(link::publish_batch{state.worker, shard.builder.seal()});
}

}  // namespace headgate::proxy::gateway
