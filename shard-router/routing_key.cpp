#include "shard-router/routing_key.hpp"

#include "mqtt/topic.hpp"

namespace headgate::shard_router {

std::string_view routing_key(std::string_view topic, std::uint32_t key_levels) {
  if (key_levels == 0) return topic;
  std::size_t end = 0;
  for (std::uint32_t level = 0; level < key_levels; ++level) {
    if (level > 0) ++end;
    end = topic.find('/', end);
    if (end == std::string_view::npos) return topic;
  }
  return topic.substr(0, end);
}

std::optional<std::string_view> routing_key_of_filter(std::string_view filter, std::uint32_t key_levels) {
  // Literal levels match themselves alone. When the filter goes on behind them, a matching topic has all of them: '#'
  // takes at least its parent, which is the last of them or lies behind it. When it does not go on, the topic is the
  // filter.
  const std::string_view key = routing_key(filter, key_levels);
  if (mqtt::has_wildcard(key)) return std::nullopt;
  return key;
}

}  // namespace headgate::shard_router
