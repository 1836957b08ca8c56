#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace headgate::shard_router {

// More levels than this in a routing key serve nobody: 0..16.
inline constexpr std::uint32_t max_key_levels = 16;

// What decides over a topic's slot: its first `key_levels` levels, or all of it when it has no more of them or
// `key_levels` is 0. A view into `topic`. Any text goes: an empty level is a level, and '$' is a character like others.
std::string_view routing_key(std::string_view topic, std::uint32_t key_levels);

// The one routing key that every topic matched by a valid filter has, so that one slot, and one shard, can match; a
// view into `filter`. Nothing when the matching topics may have several: all shards may match then. Of a shared
// subscription it takes the filter behind the share name (mqtt::split_shared_filter).
//   key_levels 2: "a/b/#" has "a/b", also for its parent level "a/b" (MQTT 5.0, 4.7.1.2); "a/b/+" and "a/b" have it too
//   key_levels 3: "a/b/#" has none ("a/b" and "a/b/c" are keys of their own); "a/b" has "a/b"
//   key_levels 0: a filter without wildcards has itself, any other has none
std::optional<std::string_view> routing_key_of_filter(std::string_view filter, std::uint32_t key_levels);

}  // namespace headgate::shard_router
