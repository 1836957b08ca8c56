#pragma once

#include <cstdint>

#include "base/ring_queue.hpp"
#include "broker/log/log_store.hpp"

namespace headgate::broker::log {

// A log in memory, committed and read at once, bounded in bytes: the oldest batches go first. It keeps references to
// the batches and copies nothing, so what counts is the memory of the blocks that they keep alive, with all that stands
// in those besides (QoS 0). Invariants: 1. the batches are contiguous: each begins where the one before it ends; 2. a
// block counts once, from its first batch here to its last, also when batches of others stand between.
class memory_log final : public log_store {
 public:
  // `max_bytes`: of blocks; the newest batch always stays. `begin`: the offset of the first record.
  explicit memory_log(std::uint64_t max_bytes, std::uint32_t id = 1, offset begin = offset{0})
      : max_bytes_(max_bytes), id_(id), end_(begin) {}

  ~memory_log() override;
  memory_log(const memory_log&) = delete;
  memory_log& operator=(const memory_log&) = delete;

  std::uint32_t id() const override { return id_; }
  offset start() const override;
  offset end() const override { return end_; }
  offset committed() const override { return end_; }
  void append(batch_ref batch) override;
  offset flush(base::instant) override { return end_; }
  read_result read(offset from) override;

  std::uint64_t bytes() const override { return bytes_; }

 private:
  std::uint64_t max_bytes_;
  std::uint32_t id_;
  std::uint64_t bytes_ = 0;
  offset end_;
  base::ring_queue<batch_ref> batches_;
};

}  // namespace headgate::broker::log
