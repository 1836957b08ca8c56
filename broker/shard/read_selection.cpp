#include "broker/shard/read_selection.hpp"

#include <string>
#include <vector>

#include "base/hash.hpp"
#include "mqtt/topic.hpp"

namespace headgate::broker::shard {

namespace {

// The log compares and keeps them often.
constexpr std::size_t most_bytes = 4096;

// Owns its texts: those of the filters may be gone while the log is still looking.
struct any_filter {
  std::vector<std::string> filters;
  bool operator()(std::string_view topic) const {
    return std::any_of(filters.begin(), filters.end(), [&](const auto& one) { return mqtt::matches(one, topic); });
  }
};

log::topic_selection by_hash(const std::vector<std::string_view>& topics) {
  log::topic_selection selection;
  for (const auto topic : topics) selection.hashes.push_back(base::hash_of(topic));
  auto& hashes = selection.hashes;
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  return selection;
}

log::topic_selection by_text(const std::vector<std::string_view>& filters) {
  log::topic_selection selection;
  // No filter has a NUL in it [MQTT-4.7.3-2].
  for (const auto filter : filters) selection.text.append(filter).push_back('\0');
  selection.matches = any_filter{{filters.begin(), filters.end()}};
  return selection;
}

}  // namespace

log::topic_selection_ref make_selection(std::span<const std::string_view> filters) {
  std::vector<std::string_view> own;
  std::copy_if(filters.begin(), filters.end(), std::back_inserter(own),
               [](std::string_view filter) { return !mqtt::is_shared_filter(filter); });
  std::size_t bytes = 0;
  for (const auto filter : own) bytes += filter.size();
  if (own.empty() || bytes > most_bytes) return nullptr;
  const bool any_wildcard = std::any_of(own.begin(), own.end(), mqtt::has_wildcard);
  return std::make_shared<const log::topic_selection>(any_wildcard ? by_text(own) : by_hash(own));
}

}  // namespace headgate::broker::shard
