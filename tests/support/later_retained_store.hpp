#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "broker/shard/memory_retained_store.hpp"

namespace headgate::broker::tests {

// Retained messages that are applied and found later: only when a test says so. What it then has and finds is what
// memory_retained_store has and finds. One thread.
class later_retained_store final : public shard::retained_store {
 public:
  explicit later_retained_store(std::uint64_t max_bytes) : inner_(max_bytes) {}

  record::offset applied() const override { return inner_.applied(); }
  void apply(const record::batch_ref& batch, std::span<const shard::placed_record> records,
             record::offset to) override {
    given_.push_back({batch, {records.begin(), records.end()}, to});
  }
  // Never certain, so that each subscription scans.
  bool surely_none(std::string_view) const { return false; }
  bool scan(const shard::retained_query& query, shard::retained_answer& answer) override {
    if (std::exchange(may_scan_, false)) return inner_.scan(query, answer);
    asked_ = true;
    return false;
  }
  shard::retained_view view() const override { return inner_.view(); }

  // Applies the oldest batch that waits, and lets the next scan be answered; whether there was anything to do.
  bool go_on() {
    const bool had_work = !given_.empty() || asked_;
    if (!given_.empty()) {
      inner_.apply(given_.front().batch, given_.front().records, given_.front().to);
      given_.pop_front();
    }
    may_scan_ = std::exchange(asked_, false);
    return had_work;
  }

 private:
  struct given {
    record::batch_ref batch;
    std::vector<shard::placed_record> records;
    record::offset to;
  };

  shard::memory_retained_store inner_;
  std::deque<given> given_;
  bool asked_ = false;
  bool may_scan_ = false;
};

}  // namespace headgate::broker::tests
