#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace headgate::cli {

// One question of an operator, answered exactly once: by the workers, or by nothing when they have not answered in
// time. Any thread; shared by the letters and timers that are about it. `open` counts the questions without an answer.
template <class Answer>
class admin_question {
 public:
  using on_answer = std::function<void(std::optional<Answer>)>;

  admin_question(on_answer tell, std::shared_ptr<std::atomic<std::uint32_t>> open)
      : done_(std::move(tell)), open_(std::move(open)) {}

  // The first call answers, the others do nothing.
  void answer(std::optional<Answer> answer) {
    if (answered_.exchange(true)) return;
    const auto tell = std::exchange(done_, nullptr);
    open_->fetch_sub(1);
    tell(std::move(answer));
  }
  bool is_answered() const { return answered_; }

  // Half of the time is over: what has been found until now should do.
  void hurry() { is_late_ = true; }
  bool is_late() const { return is_late_; }

 private:
  on_answer done_;
  std::shared_ptr<std::atomic<std::uint32_t>> open_;
  std::atomic<bool> answered_{false};
  std::atomic<bool> is_late_{false};
};

}  // namespace headgate::cli
