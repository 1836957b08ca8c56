#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "broker/log/log_store.hpp"
#include "tests/sim/book.hpp"
#include "tests/sim/lifeline.hpp"

namespace headgate::sim {

// A log that tells the model what it takes, and what of that it gives back.
class watched_log : public broker::log::log_store {
  using offset = broker::log::offset;

 public:
  watched_log(std::unique_ptr<broker::log::log_store> log, base::shard_id shard, book& book, const lifeline& life)
      : log_(std::move(log)), shard_(shard), book_(book), life_(life) {}

  std::uint32_t id() const override { return log_->id(); }
  offset start() const override { return log_->start(); }
  offset end() const override { return log_->end(); }
  offset committed() const override {
    const auto committed = log_->committed();
    book_.told(shard_, committed);
    return committed;
  }
  void append(broker::log::batch_ref batch) override {
    book_.logged(shard_, batch.header());
    log_->append(std::move(batch));
  }
  offset flush(base::instant now) override {
    const auto end = log_->flush(now);
    // What a dead process finds out about its disk is not so.
    if (!life_.is_over()) book_.taken_back(shard_, end.value);
    return end;
  }
  broker::log::read_result read(offset from) override { return log_->read(from); }
  broker::log::topic_read_result read_topics(const broker::log::topic_selection_ref& wanted, offset from) override {
    return log_->read_topics(wanted, from);
  }
  std::optional<offset> segment() const override { return log_->segment(); }
  [[nodiscard]] bool replay(const replay_visitor& visitor) override { return log_->replay(visitor); }
  std::uint64_t bytes() const override { return log_->bytes(); }
  broker::log::log_view view() const override { return log_->view(); }

 private:
  std::unique_ptr<broker::log::log_store> log_;
  base::shard_id shard_;
  book& book_;
  const lifeline& life_;
};

}  // namespace headgate::sim
