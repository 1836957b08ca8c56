#include "broker/shard/group_log.hpp"
#include "broker/shard/group_membership.hpp"
#include "broker/shard/shard_state.hpp"
#include "mqtt/topic.hpp"

namespace headgate::broker::shard {

void on_withdraw_route(shard_state& state, const link::withdraw_route& message, base::wall_ms now, inboxes& workers) {
  const route removed{message.from, message.filter};
  if (mqtt::is_shared_filter(message.text)) {
    confirm_at_once(state, removed, workers);
    leave_group(state, removed, message.linger_s, now);
  } else if (mqtt::has_wildcard(message.text) ? state.wildcards.erase(message.text, removed)
                                              : state.topics.erase_route(message.text, removed)) {
    --state.streams[message.from.value].routes;
  }
  workers[message.from.value]->messages.emplace_back(link::route_withdrawn{message.filter});
}

}  // namespace headgate::broker::shard
