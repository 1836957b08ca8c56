#include "broker/shard/shard_state.hpp"
#include "mqtt/topic.hpp"

namespace headgate::broker::shard {

void on_register_route(shard_state& state, const link::register_route& message, inboxes& workers) {
  const route added{message.from, message.filter};
  if (mqtt::has_wildcard(message.text)) {
    state.wildcards.insert(message.text, added);
  } else {
    state.topics.insert_route(message.text, added);
  }
  workers[message.from.value]->messages.emplace_back(link::route_registered{message.request, state.log.end()});
}

}  // namespace headgate::broker::shard
