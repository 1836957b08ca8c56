#include "broker/retained/stored_topics.hpp"

#include <utility>

#include "mqtt/topic.hpp"

namespace headgate::broker::retained {

std::uint64_t stored_topics::hash_of(std::string_view topic) const {
  const auto hash = (*hash_)(topic);
  return hash == free_slot ? 1 : hash;
}

bool stored_topics::contains(std::string_view topic) const {
  const auto hash = hash_of(topic);
  const auto& part = parts_[hash >> 58];
  return part.slots && part.slots[place_of(part, hash)] == hash;
}

bool stored_topics::insert(std::string_view topic) {
  const auto hash = hash_of(topic);
  auto& part = parts_[hash >> 58];
  if (!part.slots) grow(part);
  auto at = place_of(part, hash);
  if (part.slots[at] == hash) return false;
  if ((part.used + 1) * 4 > (part.mask + 1) * 3) {
    grow(part);
    at = place_of(part, hash);
  }
  part.slots[at] = hash;
  ++part.used;
  count(topic, 1);
  return true;
}

bool stored_topics::erase(std::string_view topic) {
  const auto hash = hash_of(topic);
  auto& part = parts_[hash >> 58];
  if (!part.slots) return false;
  const auto at = place_of(part, hash);
  if (part.slots[at] != hash) return false;
  close_gap(part, at);
  --part.used;
  count(topic, -1);
  return true;
}

bool stored_topics::surely_none(std::string_view filter) const {
  if (!mqtt::has_wildcard(filter)) return !contains(filter);
  // [MQTT-4.7.2-1]: the server's own messages are always there.
  if (filter.front() == '+' || filter.front() == '#') return without_dollar_ == 0;
  return below_[first_level_of(filter)] == 0;
}

void stored_topics::count(std::string_view topic, int difference) {
  below_[first_level_of(topic)] += static_cast<std::uint32_t>(difference);
  size_ += static_cast<std::size_t>(difference);
  if (!topic.starts_with('$')) without_dollar_ += static_cast<std::size_t>(difference);
}

std::size_t stored_topics::first_level_of(std::string_view text) const {
  return (*hash_)(text.substr(0, text.find('/'))) % first_levels;
}

std::size_t stored_topics::memory() const {
  std::size_t bytes = first_levels * sizeof(std::uint32_t);
  for (const auto& part : parts_) bytes += part.slots ? (part.mask + 1) * sizeof(std::uint64_t) : 0;
  return bytes;
}

// Of the hash, or of the free slot where it would stand.
std::uint64_t stored_topics::place_of(const part_type& part, std::uint64_t hash) {
  auto at = hash & part.mask;
  while (part.slots[at] != free_slot && part.slots[at] != hash) at = (at + 1) & part.mask;
  return at;
}

void stored_topics::grow(part_type& part) {
  part_type larger;
  const std::uint64_t capacity = part.slots ? (part.mask + 1) * 2 : 8;
  larger.slots = std::make_unique<std::uint64_t[]>(capacity);
  larger.mask = capacity - 1;
  larger.used = part.used;
  for (std::uint64_t at = 0; part.slots && at <= part.mask; ++at) {
    if (part.slots[at] != free_slot) larger.slots[place_of(larger, part.slots[at])] = part.slots[at];
  }
  part = std::move(larger);
}

// Moves later hashes back over the gap, so that no search ends at it too early.
void stored_topics::close_gap(part_type& part, std::uint64_t gap) {
  for (auto at = (gap + 1) & part.mask; part.slots[at] != free_slot; at = (at + 1) & part.mask) {
    const auto home = part.slots[at] & part.mask;
    if (((at - home) & part.mask) < ((at - gap) & part.mask)) continue;
    part.slots[gap] = part.slots[at];
    gap = at;
  }
  part.slots[gap] = free_slot;
}

}  // namespace headgate::broker::retained
