#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "broker/shard/memory_retained_store.hpp"

namespace headgate::broker::tests {

// When what was given to a store counts as applied, and what a scan sees before.
enum class applying {
  at_once,      // and scans are answered at once
  later,        // scans see what was applied before
  seen_at_once  // later, but scans see it at once, as in a store that tells late how far it has come
};

// Retained messages that are applied and found later: only when a test says so. What it then has and finds is what
// memory_retained_store has and finds. One thread.
class later_retained_store final : public shard::retained_store {
 public:
  explicit later_retained_store(std::uint64_t max_bytes, applying when = applying::later)
      : inner_(max_bytes), when_(when) {}

  record::offset applied() const override { return is_later() ? applied_ : inner_.applied(); }
  void apply(const record::batch_ref& batch, std::span<const shard::placed_record> records,
             record::offset to) override {
    if (when_ != applying::later) inner_.apply(batch, records, to);
    if (is_later()) given_.push_back({batch, {records.begin(), records.end()}, to});
  }
  // Never certain while things come later, so that each subscription scans.
  bool surely_none(std::string_view filter) const override { return !is_later() && inner_.surely_none(filter); }
  bool scan(const shard::retained_query& query, shard::retained_answer& answer) override {
    if (is_later() && allowed_ == 0) {
      asked_ = true;
      return false;
    }
    if (is_later()) --allowed_;
    return inner_.scan(query, answer);
  }
  shard::retained_view view() const override { return inner_.view(); }

  // All that was given is applied now.
  void catch_up() {
    while (!given_.empty()) apply_oldest();
  }
  // So many more scans are answered when they are asked again.
  void answer(std::uint32_t count) {
    allowed_ = count;
    asked_ = false;
  }
  // Applies the oldest batch that waits, and lets the next scan be answered; whether there was anything to do.
  bool go_on() {
    const bool had_work = owes();
    if (!given_.empty()) apply_oldest();
    answer(asked_ ? 1 : 0);
    return had_work;
  }
  // A question waits, or something that was given is not applied yet.
  bool owes() const { return asked_ || !given_.empty(); }

 private:
  struct given {
    record::batch_ref batch;
    std::vector<shard::placed_record> records;
    record::offset to;
  };
  bool is_later() const { return when_ != applying::at_once; }
  void apply_oldest() {
    const auto& oldest = given_.front();
    if (when_ == applying::later) inner_.apply(oldest.batch, oldest.records, oldest.to);
    applied_ = oldest.to;
    given_.pop_front();
  }

  shard::memory_retained_store inner_;
  applying when_;
  record::offset applied_;
  std::deque<given> given_;
  std::uint32_t allowed_ = 0;
  bool asked_ = false;
};

}  // namespace headgate::broker::tests
