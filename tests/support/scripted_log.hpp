#pragma once

#include <deque>
#include <set>
#include <utility>

#include "broker/log/log_store.hpp"

namespace headgate::broker::tests {

// A log of which a test says what is committed, refused, and lost. Reads at once. One thread.
class scripted_log : public log::log_store {
 public:
  using offset = log::offset;

  std::uint32_t id() const override { return 1; }
  offset start() const override { return start_; }
  offset end() const override { return end_; }
  offset committed() const override { return committed_; }
  void append(log::batch_ref batch) override {
    end_ = end_of(batch);
    batches_.push_back(std::move(batch));
  }
  offset flush(base::instant) override {
    while (refuses_ > 0 && !batches_.empty() && end_ > committed_) {
      end_ = offset{batches_.back().header().base_offset};
      batches_.pop_back();
      --refuses_;
    }
    return end_;
  }
  log::read_result read(offset from) override {
    for (const auto& batch : batches_) {
      if (end_of(batch) > committed_) break;
      if (end_of(batch) > from && !lost_.contains(batch.header().base_offset)) return {batch, false};
    }
    return {};
  }
  std::uint64_t bytes() const override { return 0; }

  void commit(offset to) { committed_ = to; }
  // The last batches that are not committed, so many, are refused by the next flush().
  void refuse(int batches) { refuses_ = batches; }
  // The batch that begins there can be read no more.
  void lose(offset base) { lost_.insert(base.value); }
  // From here on offsets are others, as after a start that does not know which were given.
  void leave_out(std::uint64_t offsets) {
    end_.value += offsets;
    committed_ = end_;
  }

 private:
  static offset end_of(const log::batch_ref& batch) {
    return offset{batch.header().base_offset + batch.header().count};
  }

  std::deque<log::batch_ref> batches_;
  std::set<std::uint64_t> lost_;
  offset start_;
  offset end_;
  offset committed_;
  int refuses_ = 0;
};

}  // namespace headgate::broker::tests
