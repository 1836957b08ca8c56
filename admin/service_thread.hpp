#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace headgate::admin {

// The thread for everything that is neither a message nor a disk: admin HTTP, $SYS topics, later resolver and Redis.
//
// Threads: post(), after() and poster() from any; start() and stop() from one that owns it, and not from its own.
// Invariants:
// 1. Tasks run one at a time, on this thread, between start() and stop().
// 2. After stop() nothing runs and nothing is held: tasks that have not run, and what they hold, are destroyed in it.
//    What is posted later is dropped. So whoever is asked for an answer may give it at any time.
class service_thread {
 public:
  using task = std::function<void()>;

  service_thread();
  ~service_thread();  // stops
  service_thread(const service_thread&) = delete;
  service_thread& operator=(const service_thread&) = delete;

  void start();
  void stop();  // waits for the task that runs; a second time does nothing

  void post(task task);
  void after(std::uint32_t delay_ms, task task);
  // post() for those that may live longer than the thread.
  std::function<void(task)> poster() const;

  // For sockets of this folder, whose handlers then run on this thread. Not after stop().
  boost::asio::io_context& context();

 private:
  struct core;
  std::shared_ptr<core> core_;
};

}  // namespace headgate::admin
