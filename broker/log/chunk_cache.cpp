#include "broker/log/chunk_cache.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace headgate::broker::log {

namespace {

// Who waits for a part asks again in the next turn. After so many questions of others nobody does.
constexpr std::uint64_t misses_waited = 4096;

}  // namespace

bool chunk_cache::is_awaited(const chunk& chunk) const {
  return chunk.awaited && misses_ - chunk.kept_at < misses_waited;
}

std::size_t chunk_cache::awaited() const {
  return static_cast<std::size_t>(
      std::count_if(chunks_.begin(), chunks_.end(), [this](const chunk& chunk) { return is_awaited(chunk); }));
}

chunk_cache::found chunk_cache::find(record::offset from) {
  for (auto& chunk : chunks_) {
    if (from < chunk.part.first || from >= chunk.part.end) continue;
    chunk.awaited = false;
    chunk.used_at = ++clock_;
    return {true, find_in(chunk, from), chunk.part.end};
  }
  return {};
}

record::batch_ref chunk_cache::find_in(chunk& chunk, record::offset from) {
  if (from < chunk.at_offset) {
    chunk.at = 0;
    chunk.at_offset = chunk.part.first;
  }
  while (chunk.at < chunk.good_bytes) {
    const record::batch_ref batch{chunk.block, chunk.at};
    const auto& header = batch.header();
    if (header.base_offset + header.count > from.value) {
      chunk.at_offset = record::offset{header.base_offset};
      return batch;
    }
    chunk.at += header.size;
    chunk.at_offset = record::offset{header.base_offset + header.count};
  }
  return {};
}

chunk_cache::found chunk_cache::find_at(const segment_part& part, std::uint64_t position) {
  for (auto& chunk : chunks_) {
    // Of the last part of a segment there may be less.
    if (chunk.part.first != part.first || position - part.position >= chunk.part.size) continue;
    chunk.awaited = false;
    chunk.used_at = ++clock_;
    for (std::uint32_t at = 0; at < chunk.good_bytes;) {
      const record::batch_ref batch{chunk.block, at};
      at += batch.header().size;
      if (position - part.position < at) return {true, batch, chunk.part.end};
    }
    return {true, {}, chunk.part.end};
  }
  return {};
}

std::size_t chunk_cache::bytes() const {
  std::size_t sum = 0;
  for (const auto& chunk : chunks_) sum += chunk.block->capacity;
  return sum;
}

// Of those that may go; null: none may.
chunk_cache::chunk* chunk_cache::oldest() {
  chunk* found = nullptr;
  for (auto& chunk : chunks_) {
    if (!is_awaited(chunk) && (found == nullptr || chunk.used_at < found->used_at)) found = &chunk;
  }
  return found;
}

record::block_ref chunk_cache::take_block(std::size_t size) {
  const auto usual = std::max<std::size_t>(size, 2 * segment_index::bytes_per_entry);
  auto* chunk = oldest();
  if (chunk == nullptr || bytes() + usual <= max_bytes_) return record::block_ref::make(usual);
  const auto block = std::exchange(chunk->block, {});
  std::erase_if(chunks_, [](const auto& one) { return !one.block; });
  // One that is larger than usual was made for a large part.
  const bool fits = block->capacity >= size && block->capacity <= 2 * usual;
  return fits && block.is_alone() ? block : record::block_ref::make(usual);
}

void chunk_cache::keep(const segment_part& part, record::block_ref block, std::uint64_t good_bytes, bool is_awaited) {
  HEADGATE_ASSERT(good_bytes <= block->capacity);
  // The last part of a segment grows: what was read of it before is out of date.
  std::erase_if(chunks_, [&](const chunk& chunk) { return chunk.part.first == part.first; });
  while (auto* chunk = bytes() + block->capacity > max_bytes_ ? oldest() : nullptr) {
    chunk->block = {};
    std::erase_if(chunks_, [](const auto& one) { return !one.block; });
  }
  chunks_.push_back({part, std::move(block), good_bytes, 0, part.first, is_awaited, misses_, ++clock_});
}

}  // namespace headgate::broker::log
