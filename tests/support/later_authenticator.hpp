#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "proxy/gateway/authenticator.hpp"

namespace headgate::tests {

// Lets everybody in, later: when a test says so, in any order. One thread.
class later_authenticator final : public proxy::gateway::authenticator {
 public:
  // `later` false: at once.
  explicit later_authenticator(bool later = true) : later_(later) {}

  void submit(proxy::gateway::credentials&& asked, proxy::gateway::authentication_answers& answers) override {
    if (!later_) return answers.on_authenticated(asked.request, mqtt::reason_code::success);
    open_.push_back({asked.request, &answers});
  }

  std::size_t pending() const { return open_.size(); }
  // Answers the n-th of the open questions, the oldest first, n < pending().
  void deliver(std::size_t n) {
    const auto question = open_[n];
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(n));
    question.answers->on_authenticated(question.request, mqtt::reason_code::success);
  }
  // Answers the oldest; whether there was one.
  bool answer_one() {
    if (open_.empty()) return false;
    deliver(0);
    return true;
  }

 private:
  struct question {
    std::uint32_t request = 0;
    proxy::gateway::authentication_answers* answers = nullptr;
  };
  bool later_;
  std::vector<question> open_;
};

}  // namespace headgate::tests
