#include "broker/shard/shard_state.hpp"
#include "mqtt/topic.hpp"

namespace headgate::broker::shard {

void on_withdraw_route(shard_state& state, const link::withdraw_route& message, inboxes& workers) {
  const route removed{message.from, message.filter};
  if (mqtt::has_wildcard(message.text)) {
    state.wildcards.erase(message.text, removed);
  } else {
    state.topics.erase_route(message.text, removed);
  }
  workers[message.from.value]->messages.emplace_back(link::route_withdrawn{message.filter});
}

}  // namespace headgate::broker::shard
