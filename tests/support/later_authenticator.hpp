#pragma once

#include <deque>

#include "proxy/gateway/authenticator.hpp"

namespace headgate::tests {

// Lets everybody in, later: only when a test says so, in the order in which they came. One thread.
class later_authenticator final : public proxy::gateway::authenticator {
 public:
  void submit(proxy::gateway::credentials&& asked, proxy::gateway::authentication_answers& answers) override {
    waiting_.push_back({asked.request, &answers});
  }

  std::size_t pending() const { return waiting_.size(); }
  // Answers the oldest; whether there was one.
  bool answer_one() {
    if (waiting_.empty()) return false;
    const auto oldest = waiting_.front();
    waiting_.pop_front();
    oldest.answers->on_authenticated(oldest.request, mqtt::reason_code::success);
    return true;
  }

 private:
  struct asked {
    std::uint32_t request;
    proxy::gateway::authentication_answers* answers;
  };
  std::deque<asked> waiting_;
};

}  // namespace headgate::tests
