#pragma once

#include "broker/shard/memory_retained_store.hpp"

namespace headgate::broker::tests {

// Retained messages that are applied, and found, later: when a test says so. It keeps them like memory_retained_store.
// One thread.
class later_retained_store final : public shard::retained_store {
 public:
  // `later` false: everything at once.
  later_retained_store(std::uint64_t max_bytes, bool later) : store_(max_bytes), later_(later) {}

  record::offset applied() const override { return later_ ? applied_ : store_.applied(); }
  void apply(const record::batch_ref& batch, std::span<const shard::placed_record> records,
             record::offset to) override {
    store_.apply(batch, records, to);
  }
  bool scan(const shard::retained_query& query, shard::retained_answer& answer) override {
    if (later_ && answers_ == 0) {
      asked_ = true;
      return false;
    }
    if (later_) --answers_;
    return store_.scan(query, answer);
  }
  shard::retained_view view() const override { return store_.view(); }

  // All that was given is applied now.
  void catch_up() { applied_ = store_.applied(); }
  // So many more questions are answered when they are asked again.
  void answer(std::uint32_t count) {
    answers_ = count;
    asked_ = false;
  }
  // A question waits, or something that was given is not applied yet.
  bool owes() const { return asked_ || applied() < store_.applied(); }

 private:
  shard::memory_retained_store store_;
  bool later_;
  record::offset applied_;
  std::uint32_t answers_ = 0;
  bool asked_ = false;
};

}  // namespace headgate::broker::tests
