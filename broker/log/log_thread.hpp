#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "broker/log/background.hpp"

namespace headgate::broker::log {

// The log thread of a process, for the logs of all its shards. Outlives them; ends when what was posted is done. What
// it has to do is bounded by the logs: each has a few works under way at most.
class log_thread final : public background {
 public:
  log_thread();
  ~log_thread() override;
  log_thread(const log_thread&) = delete;
  log_thread& operator=(const log_thread&) = delete;

  void post(urgency urgency, std::function<void()> work) override;
  void wait() override;

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable has_work_;
  std::deque<std::function<void()>> awaited_;
  std::deque<std::function<void()>> idle_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace headgate::broker::log
