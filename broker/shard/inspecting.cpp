#include "broker/shard/inspecting.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "mqtt/topic.hpp"

namespace headgate::broker::shard {

namespace {

topic_view view_of_entry(const topic_entry& entry) {
  return {std::string(entry.topic.view()), static_cast<std::uint32_t>(entry.literal.all().size()),
          entry.wildcards ? static_cast<std::uint32_t>(entry.wildcards->size()) : 0};
}

}  // namespace

bool list_topics(const shard_state& state, std::uint32_t* place, std::string_view filter, std::size_t limit,
                 std::vector<topic_view>& found) {
  const auto places = state.topics.places();
  const auto end = *place < places ? *place + std::min(base::inspect_steps, places - *place) : places;
  limit = std::min(limit, found.size() + base::inspected_per_step);
  for (; *place < end && found.size() < limit; ++*place) {
    const auto* entry = state.topics.at(*place);
    if (entry == nullptr || (!filter.empty() && !mqtt::matches(filter, entry->topic.view()))) continue;
    found.push_back(view_of_entry(*entry));
  }
  return *place >= places;
}

std::optional<topic_view> view_topic(shard_state& state, std::string_view topic) {
  const auto* entry = state.topics.peek(topic);
  if (entry == nullptr) return std::nullopt;
  auto view = view_of_entry(*entry);
  // What is kept at the entry may be old, or too much to be kept.
  state.wildcard_scratch.clear();
  state.wildcards.match(topic, state.wildcard_scratch);
  view.wildcard_routes = static_cast<std::uint32_t>(state.wildcard_scratch.size());
  return view;
}

std::optional<retained_message_view> view_retained(shard_state& state, std::string_view topic, base::wall_ms now) {
  const retained_query query{.filter = topic,
                             .after = {},
                             .below = record::offset{std::numeric_limits<std::uint64_t>::max()},
                             .places = 1,
                             .max_bytes = 1,
                             .now_ms = state.clock_ms(now)};
  retained_answer answer;
  if (!state.retained.scan(query, answer)) return std::nullopt;
  if (answer.values.empty()) return retained_message_view{};
  const auto& header = answer.values.front().header();
  const auto& record = *reinterpret_cast<const record::record_header*>(&header + 1);
  return retained_message_view{true, record.payload().size(), record.qos(), header.timestamp_ms};
}

}  // namespace headgate::broker::shard
