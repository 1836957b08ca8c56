#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "proxy/gateway/authenticator.hpp"

namespace headgate::tests {

// Says who may come in; it is asked when the CONNECT comes, as of what users there were then.
using judge = std::function<mqtt::reason_code(const proxy::gateway::credentials&)>;

// Lets everybody in, or whom a judge lets in, later: when a test says so, in any order. One thread.
class later_authenticator final : public proxy::gateway::authenticator {
 public:
  // `later` false: at once.
  explicit later_authenticator(bool later = true, tests::judge judge = {}, bool verifies_names = true)
      : later_(later), verifies_names_(verifies_names), judge_(std::move(judge)) {}

  void submit(proxy::gateway::credentials&& asked, proxy::gateway::authentication_answers& answers) override {
    const auto verdict = judge_ ? judge_(asked) : mqtt::reason_code::success;
    if (!later_) return answers.on_authenticated(asked.request, verdict);
    open_.push_back({asked.request, &answers, verdict});
  }

  bool verifies_names() const override { return verifies_names_; }

  std::size_t pending() const { return open_.size(); }
  // Answers the n-th of the open questions, the oldest first, n < pending().
  void deliver(std::size_t n) {
    const auto question = open_[n];
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(n));
    question.answers->on_authenticated(question.request, question.verdict);
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
    mqtt::reason_code verdict{};
  };
  bool later_;
  bool verifies_names_;
  tests::judge judge_;
  std::vector<question> open_;
};

}  // namespace headgate::tests
