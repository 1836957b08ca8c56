#include "broker/shard/matching.hpp"

#include <algorithm>

namespace headgate::broker::shard {

namespace {

// A result of more routes than this is not kept but made anew for each record, so that many filters over many topics
// never take their product in memory.
constexpr std::size_t max_cached_routes = 64;

// The routes of the wildcard filters that match the entry's topic; valid until the next call.
std::span<const route> wildcard_routes(shard_state& state, topic_entry& entry, std::string_view topic) {
  const auto version = state.wildcards.version_of(entry.wildcard_bucket);
  if (entry.wildcard_version == version) {
    return entry.wildcards ? std::span<const route>(*entry.wildcards) : std::span<const route>();
  }
  ++state.counters.wildcard_matches;
  state.wildcard_scratch.clear();
  state.wildcards.match(topic, state.wildcard_scratch);
  const bool kept = state.wildcard_scratch.size() <= max_cached_routes;
  const bool holds_any = kept && !state.wildcard_scratch.empty();
  entry.wildcards = holds_any ? std::make_unique<std::vector<route>>(state.wildcard_scratch) : nullptr;
  entry.wildcard_version = kept ? version : 0;
  return state.wildcard_scratch;
}

void add(link::worker_inbox& inbox, const placed_record& placed, link::filter_id filter) {
  const auto first_id = static_cast<std::uint32_t>(inbox.ids.size());
  inbox.ids.push_back(filter.value);
  // Entries of one record are added one after the other, so a record that has an entry has the last one.
  if (inbox.entries.size() > inbox.covered && inbox.entries.back().record == placed.record) {
    ++inbox.entries.back().id_count;
    return;
  }
  inbox.entries.push_back({placed.record, placed.place, first_id, 1});
}

void prefetch(const shard_state& state, std::span<const placed_record> group) {
  for (const auto& placed : group) state.topics.prefetch_slot(placed.record->topic_hash);
  for (const auto& placed : group) state.topics.prefetch_entry(placed.record->topic_hash);
}

template <class Visit>
void for_each_route(shard_state& state, std::span<const placed_record> group, Visit visit) {
  prefetch(state, group);
  state.counters.topic_lookups += group.size();
  const bool wildcards = !state.wildcards.empty();
  for (const auto& placed : group) {
    const auto& record = *placed.record;
    // An entry without a literal route is made only to keep the result of wildcard filters.
    auto* entry = wildcards ? &state.topics.find_or_insert(record.topic_hash, record.topic())
                            : state.topics.find(record.topic_hash, record.topic());
    if (entry == nullptr) continue;
    for (const auto& route : entry->literal.all()) visit(placed, route);
    if (!wildcards) continue;
    for (const auto& route : wildcard_routes(state, *entry, record.topic())) visit(placed, route);
  }
}

}  // namespace

void match_group(shard_state& state, std::span<const placed_record> group, inboxes& workers) {
  for_each_route(state, group, [&](const placed_record& placed, const route& route) {
    if (route.worker == group_routes) {
      state.groups.hits.push_back({route.filter.value, placed});
    } else {
      add(*workers[route.worker.value], placed, route.filter);
    }
  });
}

void match_group_for(shard_state& state, std::span<const placed_record> group, link::worker_inbox& inbox,
                     base::worker_id worker, std::span<const std::uint32_t> filters) {
  for_each_route(state, group, [&](const placed_record& placed, const route& route) {
    if (route.worker != worker) return;
    if (std::binary_search(filters.begin(), filters.end(), route.filter.value)) {
      add(inbox, placed, route.filter);
    }
  });
}

}  // namespace headgate::broker::shard
