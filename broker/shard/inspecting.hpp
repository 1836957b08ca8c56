#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "broker/shard/shard_state.hpp"

// What operators ask of a shard; the thread of its worker.
namespace headgate::broker::shard {

// Adds topics that the filter matches (an empty one: all) until `found` has `limit` of them, looking at
// base::inspect_steps places at most from *place on, which it moves. True when there are no more places: else it is to
// be called again, in a later turn. What changes meanwhile is seen or not.
bool list_topics(const shard_state& state, std::uint32_t* place, std::string_view filter, std::size_t limit,
                 std::vector<topic_view>& found);

// Nothing when the shard does not know the topic.
std::optional<topic_view> view_topic(shard_state& state, std::string_view topic);

// The retained message of a topic. Nothing: the store answers later, and is to be asked again.
std::optional<retained_message_view> view_retained(shard_state& state, std::string_view topic, base::wall_ms now);

}  // namespace headgate::broker::shard
