#include <map>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "broker/shard/group_log.hpp"
#include "broker/shard/shard_state.hpp"
#include "broker/shard/snapshot.hpp"

namespace headgate::broker::shard {

namespace {

void remember(shard_state& state, const record::record_header& record, record::offset place) {
  // What came again had been forgotten, or is known under the place where it stood first.
  if (record.is_message() && record.has_exchange()) state.exchanges.insert(record.exchange(), place);
}

// The groups as the newest record of each says.
class group_fold {
 public:
  void restart() { groups_.clear(); }
  bool add(base::bytes payload) {
    auto changed = decode_groups(payload);
    if (!changed) return false;
    for (auto& group : *changed) take_over(std::move(group));
    return true;
  }
  std::vector<stored_group> take() {
    std::vector<stored_group> all;
    for (auto& [text, group] : groups_) all.push_back(std::move(group));
    return all;
  }

 private:
  void take_over(stored_group&& group) {
    if (group.is_gone()) {
      groups_.erase(group.text);
    } else {
      const auto text = group.text;
      groups_[text] = std::move(group);
    }
  }

  std::map<std::string, stored_group> groups_;
};

}  // namespace

bool fold_log(shard_state& state, base::wall_ms now) {
  bool understood = true;
  group_fold groups;
  const bool whole = state.log.replay([&](const record::batch_header& batch) {
    record::for_each_record(const_cast<record::batch_header&>(batch), [&](const record::record_header& record) {
      if (record.kind == record::kind::snapshot) {
        understood &= decode_snapshot(record.payload(), state.exchanges);
        groups.restart();
      } else if (record.kind == record::kind::groups) {
        understood &= groups.add(record.payload());
      } else {
        remember(state, record, record::offset{batch.base_offset + record.offset_delta});
      }
    });
  });
  understood &= restore_groups(state, groups.take(), now);
  return whole && understood;
}

void find_repeated(shard_state& state, record::batch_header& batch) {
  state.counters.exchanges_dropped += state.exchanges.forget_below(state.log.start(), base::max_exchanges);
  record::for_each_record(batch, [&](record::record_header& record) {
    if (!record.has_exchange()) return;
    if (state.exchanges.insert(record.exchange(), record::offset{batch.base_offset + record.offset_delta})) return;
    record.kind = record::kind::repeated;
    ++state.counters.records_repeated;
  });
}

void take_snapshot(shard_state& state, base::wall_ms now, inboxes& workers) {
  const auto segment = state.log.segment();
  // Together with messages: a segment that nothing has come into stays empty.
  const bool is_due = segment && segment != state.snapshot_in && now >= state.next_snapshot;
  if (!is_due || state.undelivered.empty()) return;
  state.snapshot_in = segment;
  state.counters.exchanges_dropped += state.exchanges.forget_below(state.log.start(), base::max_exchanges);
  std::vector<own_record> records;
  records.push_back({record::kind::snapshot, encode_snapshot(state.exchanges)});
  for (auto& groups : encode_groups(groups_to_store(state, state.clock_ms(now)))) {
    records.push_back({record::kind::groups, std::move(groups)});
  }
  append_own(state, records, now, workers);
}

void append_own(shard_state& state, std::span<const own_record> records, base::wall_ms now, inboxes& workers) {
  std::size_t bytes = 0;
  std::vector<record::message> messages;
  for (const auto& own : records) {
    record::message message;
    message.kind = own.kind;
    message.flags = 1;  // a record of QoS 1 has an offset
    message.payload = base::as_bytes(own.payload);
    messages.push_back(message);
    bytes += record::aligned(record::batch_builder::size_of(message));
  }
  state.own.open(bytes);
  for (const auto& message : messages) state.own.add(message);
  on_publish_batch(state, {nobody, state.own.seal()}, now, workers);
}

}  // namespace headgate::broker::shard
