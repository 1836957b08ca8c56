#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/assert.hpp"
#include "base/mailbox.hpp"

namespace headgate::tests {

// A waker for tests that wait for what another thread does. A thread that never rings ends the test.
class bell final : public base::waker {
 public:
  void wake() override {
    {
      const std::lock_guard lock(mutex_);
      rung_ = true;
    }
    has_rung_.notify_one();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    HEADGATE_ASSERT(has_rung_.wait_for(lock, std::chrono::minutes(2), [&] { return rung_; }));
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable has_rung_;
  bool rung_ = false;
};

}  // namespace headgate::tests
