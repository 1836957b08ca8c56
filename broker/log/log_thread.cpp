#include "broker/log/log_thread.hpp"

#include <pthread.h>

#include <future>
#include <utility>

namespace headgate::broker::log {

log_thread::log_thread() : thread_([this] { run(); }) {}

log_thread::~log_thread() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  has_work_.notify_one();
  thread_.join();
}

void log_thread::post(urgency urgency, std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    (urgency == urgency::awaited ? awaited_ : idle_).push_back(std::move(work));
  }
  has_work_.notify_one();
}

void log_thread::wait() {
  std::promise<void> done;
  post(urgency::idle, [&done] { done.set_value(); });  // behind all others
  done.get_future().wait();
}

void log_thread::run() {
  pthread_setname_np(pthread_self(), "headgate-log");
  std::unique_lock lock(mutex_);
  for (;;) {
    has_work_.wait(lock, [this] { return ends_ || !awaited_.empty() || !idle_.empty(); });
    auto& works = awaited_.empty() ? idle_ : awaited_;
    if (works.empty()) return;
    const auto work = std::move(works.front());
    works.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace headgate::broker::log
