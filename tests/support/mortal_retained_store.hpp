#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tests/support/later_retained_store.hpp"

namespace headgate::broker::tests {

// What a retained store was given in all its lives, in order.
struct retained_history {
  struct given {
    record::batch_ref batch;
    std::vector<shard::placed_record> records;
    record::offset to;
  };
  std::vector<given> all;

  // The process is dead: of the newest some were never written. What is forgotten comes again from the log.
  void forget_behind(std::size_t kept) { all.resize(kept); }
};

// Retained messages that outlive the process as far as their history does: behind that the next store has to be given
// the log again. One thread; the history outlives it.
class mortal_retained_store final : public shard::retained_store {
 public:
  mortal_retained_store(std::uint64_t max_bytes, applying when, retained_history& history)
      : inner_(max_bytes, when), history_(history) {
    for (const auto& given : history.all) inner_.apply(given.batch, given.records, given.to);
    inner_.catch_up();
  }

  record::offset applied() const override { return inner_.applied(); }
  void apply(const record::batch_ref& batch, std::span<const shard::placed_record> records,
             record::offset to) override {
    history_.all.push_back({batch, {records.begin(), records.end()}, to});
    inner_.apply(batch, records, to);
  }
  bool surely_none(std::string_view filter) const override { return inner_.surely_none(filter); }
  bool scan(const shard::retained_query& query, shard::retained_answer& answer) override {
    return inner_.scan(query, answer);
  }
  shard::retained_view view() const override { return inner_.view(); }

  later_retained_store& inner() { return inner_; }

 private:
  later_retained_store inner_;
  retained_history& history_;
};

}  // namespace headgate::broker::tests
