#pragma once

#include <cstdint>

#include "base/ring_queue.hpp"
#include "broker/log/log_store.hpp"

namespace headgate::broker::log {

// A log in memory, bounded in bytes: the oldest batches go first. It keeps references to the batches and copies
// nothing. Invariant: the batches are contiguous: each begins where the one before it ends.
class memory_log final : public log_store {
 public:
  // `max_bytes`: of batches with their headers; the newest batch always stays.
  explicit memory_log(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  offset start() const override;
  offset end() const override { return end_; }
  void append(batch_ref batch) override;
  batch_ref read(offset from) const override;

  std::uint64_t bytes() const { return bytes_; }

 private:
  std::uint64_t max_bytes_;
  std::uint64_t bytes_ = 0;
  offset end_;
  base::ring_queue<batch_ref> batches_;
};

}  // namespace headgate::broker::log
