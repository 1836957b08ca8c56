#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "proxy/gateway/authenticator.hpp"

namespace headgate::proxy::tests {

// Lets everybody in, later: when a test says so, in any order. One thread.
class later_authenticator final : public gateway::authenticator {
 public:
  // `later` false: at once.
  explicit later_authenticator(bool later) : later_(later) {}

  void submit(gateway::credentials&& asked, gateway::authentication_answers& answers) override {
    if (!later_) return answers.on_authenticated(asked.request, mqtt::reason_code::success);
    open_.push_back({asked.request, &answers});
  }

  std::size_t pending() const { return open_.size(); }
  // Answers the n-th of the open questions, n < pending().
  void deliver(std::size_t n) {
    const auto question = open_[n];
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(n));
    question.answers->on_authenticated(question.request, mqtt::reason_code::success);
  }

 private:
  struct question {
    std::uint32_t request = 0;
    gateway::authentication_answers* answers = nullptr;
  };
  bool later_;
  std::vector<question> open_;
};

}  // namespace headgate::proxy::tests
