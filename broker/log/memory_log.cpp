#include "broker/log/memory_log.hpp"

#include "base/assert.hpp"

namespace headgate::broker::log {

offset memory_log::start() const {
  return batches_.empty() ? end_ : offset{batches_[0].header().base_offset};
}

// The blocks may go on in another log.
memory_log::~memory_log() {
  for (; !batches_.empty(); batches_.pop_front()) --batches_[0].memory->logged;
}

void memory_log::append(batch_ref batch) {
  const auto& header = batch.header();
  HEADGATE_ASSERT(header.base_offset == end_.value && header.count > 0);
  end_.value += header.count;
  if (batch.memory->logged++ == 0) bytes_ += batch.memory->capacity;
  batches_.push_back(std::move(batch));
  while (bytes_ > max_bytes_ && batches_.size() > 1) {
    auto& oldest = *batches_[0].memory.get();
    if (--oldest.logged == 0) bytes_ -= oldest.capacity;
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
