#include "broker/shard/group_log.hpp"
#include "broker/shard/group_membership.hpp"
#include "broker/shard/shard_state.hpp"
#include "mqtt/topic.hpp"

namespace headgate::broker::shard {

namespace {

// A worker without routes is told nothing of the stream: it starts here.
void count_route(shard_state& state, base::worker_id worker) {
  if (state.streams.size() <= worker.value) state.streams.resize(worker.value + 1U);
  auto& stream = state.streams[worker.value];
  if (stream.routes++ == 0) stream.told = state.delivered;
}

}  // namespace

void on_register_route(shard_state& state, const link::register_route& message, inboxes& workers) {
  const route added{message.from, message.filter};
  const auto shared = mqtt::split_shared_filter(message.text);
  if (shared) {
    join_group(state, message.text, shared->filter, added, message.expiry_s);
  } else if (mqtt::has_wildcard(message.text) ? state.wildcards.insert(message.text, added)
                                              : state.topics.insert_route(message.text, added)) {
    count_route(state, message.from);
  }
  const bool nothing_retained = state.retained.applied() >= state.delivered && state.retained.surely_none(message.text);
  const link::route_registered answer{state.id, message.request, state.delivered, nothing_retained};
  if (shared && awaits_log(state, added)) return state.groups.unconfirmed.push_back({added, answer});
  workers[message.from.value]->messages.emplace_back(answer);
}

}  // namespace headgate::broker::shard
