#include "proxy/gateway/tail.hpp"

namespace headgate::proxy::gateway {

namespace {
std::uint64_t bytes_of(const tail_entry& entry) {
  return sizeof entry + entry.id_count * sizeof(std::uint32_t);
}
}  // namespace

std::uint64_t tail::add(tail_entry entry, std::span<const std::uint32_t> ids, const broker::record::batch_ref& batch) {
  const auto next = first_ + entries_.size();
  if (!entries_.empty() && entries_.back().record == entry.record) return next - 1;
  if (batches_.empty() || &batches_.back().batch.header() != &batch.header()) {
    if (batches_.empty() || batches_.back().batch.memory != batch.memory) bytes_ += batch.memory->capacity;
    batches_.push_back({batch, next});
  }
  batches_.back().past = next + 1;
  entry.first_id = first_id_ + ids_.size();
  entry.id_count = static_cast<std::uint32_t>(ids.size());
  for (const auto id : ids) ids_.push_back(id);
  bytes_ += bytes_of(entry);
  entries_.push_back(entry);
  while (bytes_ > max_bytes_ && batches_.size() > 1) drop_oldest();
  return next;
}

void tail::drop_oldest() {
  const auto past = batches_.front().past;
  while (first_ < past) {
    bytes_ -= bytes_of(entries_.front());
    for (auto left = entries_.front().id_count; left > 0; --left, ++first_id_) ids_.pop_front();
    entries_.pop_front();
    ++first_;
  }
  if (batches_.size() == 1 || batches_[0].batch.memory != batches_[1].batch.memory) {
    bytes_ -= batches_.front().batch.memory->capacity;
  }
  dropped_.push_back(batches_.front().batch);
  batches_.pop_front();
}

const tail_entry* tail::find(std::uint64_t reference) const {
  if (reference < first_ || reference - first_ >= entries_.size()) return nullptr;
  return &entries_[reference - first_];
}

std::span<const std::uint32_t> tail::ids_of(const tail_entry& entry) {
  scratch_.clear();
  for (std::uint32_t n = 0; n < entry.id_count; ++n) scratch_.push_back(ids_[entry.first_id - first_id_ + n]);
  return scratch_;
}

void tail::clear() {
  while (!batches_.empty()) drop_oldest();
}

}  // namespace headgate::proxy::gateway
