#include "broker/log/memory_log.hpp"

#include "base/assert.hpp"

namespace headgate::broker::log {

offset memory_log::start() const {
  return batches_.empty() ? end_ : offset{batches_[0].header().base_offset};
}

void memory_log::append(batch_ref batch) {
  const auto& header = batch.header();
  HEADGATE_ASSERT(header.base_offset == end_.value && header.count > 0);
  end_.value += header.count;
  if (batches_.empty() || batches_.back().memory != batch.memory) bytes_ += batch.memory->capacity;
  batches_.push_back(std::move(batch));
  while (bytes_ > max_bytes_ && batches_.size() > 1) {
    if (batches_[0].memory != batches_[1].memory) bytes_ -= batches_[0].memory->capacity;
    batches_.pop_front();
  }
}

read_result memory_log::read(offset from) {
  HEADGATE_ASSERT(from >= start());
  if (from >= end_) return {};
  std::size_t low = 0;
  std::size_t high = batches_.size();
  while (high - low > 1) {
    const auto middle = (low + high) / 2;
    (batches_[middle].header().base_offset <= from.value ? low : high) = middle;
  }
  return {batches_[low]};
}

}  // namespace headgate::broker::log
