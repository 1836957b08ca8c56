#include "proxy/gateway/barriers.hpp"

#include <utility>

#include "proxy/gateway/events.hpp"
#include "proxy/gateway/releasing.hpp"

namespace headgate::proxy::gateway {

namespace {

void pass_first(proxy_state& state, shard_link& shard) {
  const auto waiting = shard.behind.front();
  shard.behind.pop_front();
  ++shard.first_behind;
  switch (waiting.what) {
    case behind_barrier::kind::release:
      return release_held(state, waiting.number);
    case behind_barrier::kind::unsuback:
      return on_group_left(state, waiting.number);
  }
}

}  // namespace

void wait_behind(shard_link& shard, behind_barrier waiting) {
  shard.behind.push_back(waiting);
}

void ask_barrier(proxy_state& state, shard_link& shard) {
  const auto end = shard.first_behind + shard.behind.size();
  if (std::exchange(shard.barrier_at, end) == end) return;
  shard.outgoing.messages.emplace_back(link::barrier{state.place.worker, end});
}

void on_barrier_passed(proxy_state& state, const link::barrier_passed& message) {
  auto& shard = *state.shards[message.shard.value];
  while (shard.first_behind < message.number) pass_first(state, shard);
}

void pass_all_barriers(proxy_state& state) {
  for (auto& shard : state.shards) {
    while (!shard->behind.empty()) pass_first(state, *shard);
  }
}

}  // namespace headgate::proxy::gateway
