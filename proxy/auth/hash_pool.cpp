#include "proxy/auth/hash_pool.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "proxy/auth/secrets.hpp"

namespace headgate::proxy::auth {

namespace {

// In its own thread: Linux takes priorities of single threads, and names of 15 letters.
void dress_thread(std::uint32_t number) {
  pthread_setname_np(pthread_self(), ("headgate-hash" + std::to_string(number % 100)).c_str());
  // Giving way is allowed to everybody; where it is not, hashes are computed all the same.
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), base::password_hash_niceness));
}

std::uint64_t microseconds_since(std::chrono::steady_clock::time_point start) {
  const auto passed = std::chrono::steady_clock::now() - start;
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(passed).count());
}

}  // namespace

struct hash_pool::state {
  state(std::uint32_t most_waiting, hash_pool::check check) : most_waiting(most_waiting), check(std::move(check)) {}
  ~state() { stop(); }
  state(const state&) = delete;
  state& operator=(const state&) = delete;

  void start(std::uint32_t threads);
  void stop();
  void run();
  void compute(job& job);

  const std::uint32_t most_waiting;
  const hash_pool::check check;
  mutable std::mutex mutex;          // of all that follows but the threads
  std::condition_variable has_work;  // something waits, or it has stopped
  std::deque<job> waiting;
  std::size_t waiting_bytes = 0;  // of their passwords
  bool stopped = false;
  hash_pool_view counted;
  std::vector<std::thread> threads;
};

void hash_pool::state::start(std::uint32_t count) {
  threads.reserve(count);
  for (std::uint32_t number = 0; number < count; ++number) {
    threads.emplace_back([this, number] {
      dress_thread(number);
      run();
    });
  }
}

void hash_pool::state::stop() {
  std::deque<job> forgotten;
  {
    const std::lock_guard lock(mutex);
    stopped = true;
    forgotten.swap(waiting);
  }
  has_work.notify_all();
  for (auto& job : forgotten) wipe(job.password);
  for (auto& thread : threads) thread.join();
  threads.clear();
}

void hash_pool::state::run() {
  std::unique_lock lock(mutex);
  while (true) {
    has_work.wait(lock, [&] { return stopped || !waiting.empty(); });
    if (stopped) return;
    auto& first = waiting.front();
    waiting_bytes -= first.password.size();
    job job{std::move(first.hash), take_secret(first.password), first.answers, std::move(first.done)};
    waiting.pop_front();
    lock.unlock();
    compute(job);
    lock.lock();
  }
}

void hash_pool::state::compute(job& job) {
  const auto start = std::chrono::steady_clock::now();
  const bool is_right = check(job.hash, job.password);
  wipe(job.password);
  const auto took_us = microseconds_since(start);
  {
    const std::lock_guard lock(mutex);
    ++counted.computed;
    counted.busy_us += took_us;
  }
  job.answers->post([done = std::move(job.done), is_right] { done(is_right); });
}

hash_pool::hash_pool(std::uint32_t threads, std::uint32_t most_waiting, check check)
    : state_(std::make_unique<state>(most_waiting, std::move(check))) {
  HEADGATE_ASSERT(threads > 0);
  state_->start(threads);
}

hash_pool::~hash_pool() = default;

bool hash_pool::submit(job&& job) {
  {
    const std::lock_guard lock(state_->mutex);
    const auto bytes = state_->waiting_bytes + job.password.size();
    if (state_->stopped || state_->waiting.size() >= state_->most_waiting || bytes > base::waiting_password_bytes) {
      ++state_->counted.refused;
      return false;
    }
    // In place: a move of a job would leave a short password behind.
    state_->waiting_bytes = bytes;
    auto& last = state_->waiting.emplace_back();
    last.hash = std::move(job.hash);
    last.password = take_secret(job.password);
    last.answers = job.answers;
    last.done = std::move(job.done);
  }
  state_->has_work.notify_one();
  return true;
}

void hash_pool::stop() {
  state_->stop();
}

hash_pool_view hash_pool::view() const {
  const std::lock_guard lock(state_->mutex);
  auto view = state_->counted;
  view.waiting = state_->waiting.size();
  return view;
}

}  // namespace headgate::proxy::auth
