#include "broker/shard/matching.hpp"

namespace headgate::broker::shard {

namespace {

void fill_wildcards(shard_state& state, topic_entry& entry, std::string_view topic) {
  ++state.counters.wildcard_matches;
  state.scratch.clear();
  state.wildcards.match(topic, state.scratch);
  if (state.scratch.empty()) {
    entry.wildcards.reset();
  } else {
    entry.wildcards = std::make_unique<std::vector<route>>(state.scratch);
  }
  entry.wildcard_version = state.wildcards.version_of(entry.wildcard_bucket);
}

// The entry with its wildcard result up to date; null when nobody wants the topic.
topic_entry* look_up(shard_state& state, const record::record_header& record) {
  if (state.wildcards.empty()) return state.topics.find(record.topic_hash, record.topic());
  auto& entry = state.topics.find_or_insert(record.topic_hash, record.topic());
  if (entry.wildcard_version != state.wildcards.version_of(entry.wildcard_bucket)) {
    fill_wildcards(state, entry, record.topic());
  }
  return &entry;
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
  for (const auto& placed : group) {
    const auto* entry = look_up(state, *placed.record);
    if (entry == nullptr) continue;
    for (const auto& route : entry->literal.all()) visit(placed, route);
    if (state.wildcards.empty() || !entry->wildcards) continue;
    for (const auto& route : *entry->wildcards) visit(placed, route);
  }
}

}  // namespace

void match_group(shard_state& state, std::span<const placed_record> group, inboxes& workers) {
  for_each_route(state, group, [&](const placed_record& placed, const route& route) {
    add(*workers[route.worker.value], placed, route.filter);
  });
}

void match_group_for(shard_state& state, std::span<const placed_record> group, link::worker_inbox& inbox,
                     base::worker_id worker) {
  for_each_route(state, group, [&](const placed_record& placed, const route& route) {
    if (route.worker == worker) add(inbox, placed, route.filter);
  });
}

}  // namespace headgate::broker::shard
