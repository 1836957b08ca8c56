#include "broker/log/topic_places.hpp"

#include <utility>

namespace headgate::broker::log {

namespace {

// Who waits asks again in the next turn, or when those before it were asked. After so many questions of others nobody
// does; each answer that comes makes a turn, and counts as several.
constexpr std::uint64_t misses_waited = 4096;
constexpr std::uint64_t misses_of_answer = 16;
// What one costs beside its lists, about.
constexpr std::size_t bytes_of_one = 320;

}  // namespace

std::size_t topic_places::bytes() const {
  auto sum = entries.capacity() * sizeof(topic_entry) + positions.capacity() * sizeof(std::uint32_t);
  for (const auto& batch : ready) sum += batch.memory->capacity + sizeof(batch);
  return sum;
}

std::size_t places_cache::key_hash::operator()(const places_key& key) const {
  return static_cast<std::size_t>(key.hash ^ (key.segment.value * 0x9e37'79b9'7f4a'7c15));
}

void places_cache::found(held& one) {
  if (std::exchange(one.awaited, false)) --awaited_;
}

topic_places* places_cache::find(const places_key& key) {
  const auto at = by_key_.find(key);
  if (at == by_key_.end()) return nullptr;
  all_.splice(all_.begin(), all_, at->second);
  found(*at->second);
  return &at->second->places;
}

topic_places& places_cache::keep(const places_key& key, topic_places&& places, bool is_awaited) {
  if (const auto at = by_key_.find(key); at != by_key_.end()) erase(at->second);
  const auto bytes = bytes_of_one + key.text.size() + places.bytes();
  all_.push_front({key, std::move(places), bytes, is_awaited});
  by_key_.emplace(key, all_.begin());
  bytes_ += bytes;
  if (is_awaited) {
    ++awaited_;
    misses_ += misses_of_answer;
    waiting_.push_back({key, misses_});
  }
  make_room();
  return all_.front().places;
}

void places_cache::forget(offset segment) {
  for (auto at = all_.begin(); at != all_.end();) {
    const auto next = std::next(at);
    if (at->key.segment == segment) erase(at);
    at = next;
  }
}

// Drops from the list those that were found, and those that nobody waits for any more.
std::size_t places_cache::awaited() {
  while (!waiting_.empty()) {
    const auto at = by_key_.find(waiting_.front().key);
    const bool waits = at != by_key_.end() && at->second->awaited;
    if (waits && misses_ - waiting_.front().since < misses_waited) break;
    if (waits) found(*at->second);
    waiting_.pop_front();
  }
  return awaited_;
}

void places_cache::erase(place at) {
  found(*at);
  bytes_ -= at->bytes;
  by_key_.erase(at->key);
  all_.erase(at);
}

// The newest stays, and those that somebody waits for, which are few.
void places_cache::make_room() {
  for (auto at = std::prev(all_.end()); bytes_ > max_bytes_ && at != all_.begin();) {
    const auto oldest = at--;
    if (!oldest->awaited) erase(oldest);
  }
}

}  // namespace headgate::broker::log
