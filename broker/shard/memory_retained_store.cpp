#include "broker/shard/memory_retained_store.hpp"

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "mqtt/topic.hpp"
#include "mqtt/types.hpp"

namespace headgate::broker::shard {

namespace {

// What a value costs besides its block and its topic: a node of the map, the block's own head, their allocations.
constexpr std::uint64_t overhead_bytes = 192;
// Values looked at for expired ones when there is no room.
constexpr int expiry_steps = 64;

std::uint64_t cost_of(std::string_view topic, std::size_t block_size) {
  return overhead_bytes + topic.size() + block_size;
}

const record::record_header& record_of(const record::batch_ref& value) {
  return *reinterpret_cast<const record::record_header*>(&value.header() + 1);
}

bool has_expired(const record::batch_ref& value, std::uint64_t now_ms) {
  const auto& record = record_of(value);
  return record.expiry_s != mqtt::no_expiry &&
         now_ms >= value.header().timestamp_ms + std::uint64_t{record.expiry_s} * 1000;
}

// What every topic that the filter matches begins with. "a/#" also matches "a" (MQTT 5.0, 4.7.1.2).
std::string_view literal_prefix(std::string_view filter) {
  const auto wildcard = filter.find_first_of("+#");
  const auto prefix = filter.substr(0, wildcard);
  return filter[wildcard] == '#' && prefix.ends_with('/') ? prefix.substr(0, prefix.size() - 1) : prefix;
}

}  // namespace

void memory_retained_store::apply(const record::batch_ref& batch, std::span<const placed_record> records,
                                  record::offset to) {
  HEADGATE_ASSERT(to >= applied_);
  for (const auto& placed : records) put(batch.header(), placed);
  applied_ = to;
}

void memory_retained_store::put(const record::batch_header& batch, const placed_record& placed) {
  const auto& record = *placed.record;
  auto present = values_.find(record.topic());
  if (record.payload().empty()) {
    if (present != values_.end()) erase(present);
    return;
  }
  const auto size = sizeof(record::batch_header) + record::aligned(record.size);
  const bool in_place = present != values_.end() && present->second.memory.is_alone() &&
                        present->second.memory->capacity >= size && present->second.memory->capacity / 2 <= size;
  if (!in_place) {
    if (present != values_.end()) erase(present);
    const auto cost = cost_of(record.topic(), size);
    if (!make_room(cost, batch.timestamp_ms)) {
      ++refused_;
      return;
    }
    bytes_ += cost;
    present = values_.emplace(record.topic(), record::batch_ref{record::block_ref::make(size)}).first;
  }
  auto& value = present->second.header();
  value = batch;
  value.size = static_cast<std::uint32_t>(size);
  value.base_offset = placed.place.value;
  value.count = 1;
  value.passing = 0;
  auto* const body = reinterpret_cast<std::uint8_t*>(&value) + sizeof(record::batch_header);
  std::memcpy(body, placed.record, record::aligned(record.size));
  auto* const copied = reinterpret_cast<record::record_header*>(body);
  copied->offset_delta = 0;
  copied->previous_distance = 0;
}

bool memory_retained_store::make_room(std::uint64_t bytes, std::uint64_t now_ms) {
  if (bytes_ + bytes <= max_bytes_) return true;
  auto at = values_.upper_bound(hand_);
  for (int step = 0; step < expiry_steps && !values_.empty(); ++step) {
    if (at == values_.end()) at = values_.begin();
    hand_ = at->first;
    if (has_expired(at->second, now_ms)) {
      ++expired_;
      at = erase(at);
    } else {
      ++at;
    }
  }
  return bytes_ + bytes <= max_bytes_;
}

memory_retained_store::value_map::iterator memory_retained_store::erase(value_map::iterator value) {
  bytes_ -= cost_of(value->first, value->second.memory->capacity);
  return values_.erase(value);
}

bool memory_retained_store::surely_none(std::string_view filter) const {
  if (!mqtt::has_wildcard(filter)) return !values_.contains(filter);
  const auto prefix = literal_prefix(filter);
  if (!prefix.empty()) {
    const auto first = values_.lower_bound(prefix);
    return first == values_.end() || !first->first.starts_with(prefix);
  }
  // A wildcard in front matches no topic that begins with '$' [MQTT-4.7.2-1]: the server's own are always there.
  const bool some_before = !values_.empty() && values_.begin()->first < "$";
  return !some_before && values_.lower_bound("%") == values_.end();
}

bool memory_retained_store::scan(const retained_query& query, retained_answer& answer) {
  answer.values.clear();
  answer.cursor.clear();
  answer.done = false;
  const bool wildcard = mqtt::has_wildcard(query.filter);
  const auto prefix = wildcard ? literal_prefix(query.filter) : query.filter;
  const auto places = std::max(query.places, 1U);
  std::uint64_t bytes = 0;
  std::size_t visited = 0;
  auto last = values_.end();  // looked at, unless it has gone: then the cursor is set
  auto at = query.after < prefix ? values_.lower_bound(prefix) : values_.upper_bound(query.after);
  while (at != values_.end() && at->first.starts_with(prefix) && (wildcard || at->first == prefix)) {
    const bool enough = answer.values.size() >= places || bytes >= query.max_bytes;
    if (visited == base::retained_scan_steps || (enough && !answer.values.empty())) {
      if (last != values_.end()) answer.cursor = last->first;
      return true;
    }
    ++visited;
    if (has_expired(at->second, query.now_ms)) {
      ++expired_;
      answer.cursor = at->first;
      last = values_.end();
      at = erase(at);
      continue;
    }
    if (at->second.header().base_offset < query.below.value && mqtt::matches(query.filter, at->first)) {
      answer.values.push_back(at->second);
      bytes += at->second.header().size;
    }
    last = at++;
  }
  answer.cursor.clear();
  answer.done = true;
  return true;
}

retained_view memory_retained_store::view() const {
  return {values_.size(), bytes_, refused_, expired_};
}

}  // namespace headgate::broker::shard
