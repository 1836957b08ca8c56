#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/mailbox.hpp"
#include "base/time.hpp"
#include "proxy/auth/password_hash.hpp"
#include "proxy/gateway/authenticator.hpp"

namespace headgate::proxy::auth::testing {

class manual_clock final : public base::clock {
 public:
  base::instant now() override { return now_; }
  std::uint64_t monotonic_ns() override { return now_.monotonic.value * 1'000'000; }
  void advance_ms(std::uint64_t ms) { now_.monotonic.value += ms; }

 private:
  base::instant now_{base::monotonic_ms{1'000'000}, base::wall_ms{1'700'000'000'000}};
};

// A worker without turns: a mailbox, and somebody who waits until letters have come.
class letter_box final : base::waker {
 public:
  base::mailbox& letters() { return letters_; }
  // The next time that somebody posts, or has posted since.
  void wait_and_read() {
    {
      std::unique_lock lock(mutex_);
      has_come_.wait(lock, [&] { return has_letters_; });
      has_letters_ = false;
    }
    letters_.run_all();
  }
  template <class Condition>
  void read_until(Condition condition) {
    while (!condition()) wait_and_read();
  }

 private:
  void wake() override {
    const std::lock_guard lock(mutex_);
    has_letters_ = true;
    has_come_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable has_come_;
  bool has_letters_ = false;
  base::mailbox letters_{*this};
};

// A check in place of a hash: right is the password that stands in the hash's text. It counts, and holds its callers
// while it is closed.
class fake_check {
 public:
  bool operator()(const password_hash& hash, std::string_view password) {
    std::unique_lock lock(mutex_);
    last_iterations_ = hash.iterations;
    ++begun_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return is_open_ || allowed_ > 0; });
    if (!is_open_) --allowed_;
    return hash.hash == password;
  }

  void close() { set_open(false); }
  void open() { set_open(true); }
  // Lets `count` more finish while it is closed.
  void allow(std::uint32_t count) {
    const std::lock_guard lock(mutex_);
    allowed_ += count;
    changed_.notify_all();
  }
  void wait_for_begun(std::uint32_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return begun_ >= count; });
  }
  std::uint32_t begun() const {
    const std::lock_guard lock(mutex_);
    return begun_;
  }
  std::uint32_t last_iterations() const {
    const std::lock_guard lock(mutex_);
    return last_iterations_;
  }

 private:
  void set_open(bool is_open) {
    const std::lock_guard lock(mutex_);
    is_open_ = is_open;
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = true;
  std::uint32_t allowed_ = 0;
  std::uint32_t begun_ = 0;
  std::uint32_t last_iterations_ = 0;
};

// What requests were answered; one that is answered twice is an error.
class recorded_answers final : public gateway::authentication_answers {
 public:
  void on_authenticated(std::uint32_t request, mqtt::reason_code reason) override {
    const bool is_first = reasons_.emplace(request, reason).second;
    repeated_ = repeated_ || !is_first;
  }
  bool has(std::uint32_t request) const { return reasons_.contains(request); }
  mqtt::reason_code of(std::uint32_t request) const { return reasons_.at(request); }
  std::size_t size() const { return reasons_.size(); }
  std::size_t count(mqtt::reason_code reason) const {
    std::size_t count = 0;
    for (const auto& [request, given] : reasons_) count += given == reason ? 1 : 0;
    return count;
  }
  bool repeated() const { return repeated_; }

 private:
  std::map<std::uint32_t, mqtt::reason_code> reasons_;
  bool repeated_ = false;
};

}  // namespace headgate::proxy::auth::testing
