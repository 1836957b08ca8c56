#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

namespace headgate::base {

// Wakes a worker that sleeps in its poll. Any thread may call it; the eventfd engine is in net/.
class waker {
 public:
  virtual ~waker() = default;
  virtual void wake() = 0;
};

// How other threads hand something to a worker: they post a function, the worker runs it in its next turn. For rare
// things only (signals, finished store calls): the data path has queues of its own. Outlives everyone who posts.
class mailbox {
 public:
  explicit mailbox(waker& waker) : waker_(waker) {}

  // Any thread.
  void post(std::function<void()> letter) {
    {
      const std::lock_guard lock(mutex_);
      letters_.push_back(std::move(letter));
      has_letters_.store(true, std::memory_order_release);
    }
    waker_.wake();
  }

  // The owning worker only. A letter posted since the last run_all() may have been announced by a wake that is consumed
  // by now, so a worker asks this before it sleeps.
  bool has_letters() const { return has_letters_.load(std::memory_order_acquire); }
  // The owning worker only: runs what was posted, in order. Takes the lock only when there is something.
  void run_all() {
    if (!has_letters()) return;
    std::vector<std::function<void()>> letters;
    {
      const std::lock_guard lock(mutex_);
      letters.swap(letters_);
      has_letters_.store(false, std::memory_order_relaxed);
    }
    for (auto& letter : letters) letter();
  }

 private:
  waker& waker_;
  std::atomic<bool> has_letters_{false};
  std::mutex mutex_;
  std::vector<std::function<void()>> letters_;
};

}  // namespace headgate::base
