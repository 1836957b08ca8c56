#pragma once

#include <algorithm>
#include <map>
#include <utility>

#include "base/mailbox.hpp"
#include "broker/log/memory_log.hpp"

namespace headgate::broker::tests {

// A log that commits and reads later: only when a test says so, or after it was asked so many times. It reads, and
// drops, like memory_log. One thread.
class later_log final : public log::log_store {
 public:
  using offset = log::offset;

  // `calls`: a batch is committed when committed() was asked so often after append(), a read answered when the same
  // offset was asked for so often. 0: only by commit() and answer_reads(). The waker, if any, is woken by these.
  explicit later_log(std::uint64_t max_bytes, std::uint32_t calls = 0, base::waker* waker = nullptr,
                     std::uint32_t id = 1)
      : log_(max_bytes, id), calls_(calls), waker_(waker) {}

  std::uint32_t id() const override { return log_.id(); }
  offset start() const override { return log_.start(); }
  offset end() const override { return log_.end(); }
  offset committed() const override {
    if (calls_ != 0 && committed_ < log_.end() && ++asked_for_commit_ >= calls_) {
      asked_for_commit_ = 0;
      committed_ = log_.end();
    }
    return committed_;
  }
  void append(log::batch_ref batch) override { log_.append(std::move(batch)); }
  offset flush(base::instant) override { return log_.end(); }
  log::read_result read(offset from) override {
    if (from >= committed_) return {};
    auto& question = questions_[from.value];
    ++question.asked;
    if (!question.ready && (calls_ == 0 || question.asked < calls_)) return {.batch = {}, .later = true};
    questions_.erase(from.value);
    return log_.read(from);
  }

  std::uint64_t bytes() const override { return log_.bytes(); }

  // Commits all that was appended, or all below `to`, the end of a batch.
  void commit() { commit(log_.end()); }
  void commit(offset to) {
    committed_ = std::max(committed_, to);
    wake();
  }
  // Each question that was asked so far is answered when it is asked once more; whether there was a new one.
  bool answer_reads() {
    bool any = false;
    for (auto& [from, question] : questions_) any |= !std::exchange(question.ready, true);
    wake();
    return any;
  }
  std::size_t open_reads() const {
    return static_cast<std::size_t>(
        std::count_if(questions_.begin(), questions_.end(), [](const auto& one) { return !one.second.ready; }));
  }

 private:
  struct question {
    std::uint32_t asked = 0;
    bool ready = false;
  };
  void wake() {
    if (waker_ != nullptr) waker_->wake();
  }

  log::memory_log log_;
  std::uint32_t calls_;
  base::waker* waker_;
  mutable offset committed_;
  mutable std::uint32_t asked_for_commit_ = 0;
  std::map<std::uint64_t, question> questions_;
};

}  // namespace headgate::broker::tests
