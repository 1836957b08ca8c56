#include <gtest/gtest.h>

#include <array>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "worker/handover/exchange.hpp"

namespace headgate::worker::handover {
namespace {

using base::worker_id;

constexpr std::uint16_t worker_count = 3;

// A poll without descriptors: sleeps until it is woken, and remembers a call that came before.
class sleeper final : public base::waker {
 public:
  void wake() override {
    {
      const std::lock_guard lock(mutex_);
      woken_ = true;
    }
    condition_.notify_one();
  }
  void sleep() {
    std::unique_lock lock(mutex_);
    condition_.wait(lock, [&] { return woken_; });
    woken_ = false;
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    woken_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool woken_ = false;
};

// One worker in a thread of its own: sends `to_send` numbers to each other one, as they are asked of it, and checks
// that the others' come in order. When it has nothing to do it sleeps: a lost wake-up would hang the test.
class numbering_worker {
 public:
  // `stride`: numbers put into the open parcels a turn; `keeps_up`: else it receives in every seventh turn only.
  numbering_worker(exchange& exchange, worker_id self, sleeper& sleeper, std::uint32_t to_send, std::uint32_t stride,
                   bool keeps_up)
      : exchange_(exchange),
        self_(self),
        sleeper_(sleeper),
        to_send_(to_send),
        stride_(stride),
        keeps_up_(keeps_up),
        memory_(broker::record::block_ref::make(64)) {}

  void run() {
    while (!done()) turn();
  }

  bool in_order() const { return in_order_; }
  // Batches of this worker that somebody still holds.
  std::uint32_t batches_out() const { return memory_->references.load() - 1; }

 private:
  bool done() const {
    if (sent_ < to_send_ || exchange_.backlog(self_) > 0) return false;
    for (std::uint16_t from = 0; from < worker_count; ++from) {
      if (from != self_.value && next_[from] < to_send_) return false;
    }
    return true;
  }

  void turn() {
    const bool something_to_send = sent_ < to_send_ && exchange_.backlog(self_) == 0;
    if (exchange_.may_sleep(self_) && !something_to_send) {
      sleeper_.sleep();
    } else {
      sleeper_.clear();
    }
    exchange_.woke_up(self_);
    if (keeps_up_ || sent_ == to_send_ || ++turns_ % 7 == 0 || exchange_.backlog(self_) > 0) receive();
    if (exchange_.backlog(self_) == 0) fill();
    exchange_.send_all(self_);
  }

  void receive() {
    exchange_.receive(self_, [&](worker_id from, parcel& parcel) {
      for (const auto& answer : parcel.answers) in_order_ &= answer.request == next_[from.value]++;
      for (const auto& batch : parcel.inbox.batches) in_order_ &= static_cast<bool>(batch);
    });
  }

  void fill() {
    for (std::uint32_t n = 0; n < stride_ && sent_ < to_send_; ++n, ++sent_) {
      for (std::uint16_t to = 0; to < worker_count; ++to) {
        if (to == self_.value) continue;
        auto& open = exchange_.open(self_, worker_id{to});
        open.answers.push_back({worker_id{to}, sent_});
        open.inbox.keep({memory_, 0});
      }
    }
  }

  exchange& exchange_;
  worker_id self_;
  sleeper& sleeper_;
  std::uint32_t to_send_;
  std::uint32_t stride_;
  bool keeps_up_;
  broker::record::block_ref memory_;
  std::uint32_t sent_ = 0;
  std::array<std::uint32_t, worker_count> next_{};
  std::uint64_t turns_ = 0;
  bool in_order_ = true;
};

TEST(exchange_threads, numbers_in_all_directions_come_in_order_and_nobody_oversleeps) {
  std::array<sleeper, worker_count> sleepers;
  std::array<base::waker*, worker_count> wakers{};
  for (std::size_t n = 0; n < worker_count; ++n) wakers[n] = &sleepers[n];
  exchange exchange(wakers);
  std::vector<std::unique_ptr<numbering_worker>> workers;
  for (std::uint16_t n = 0; n < worker_count; ++n) {
    // The last one receives late, so that the others' rings to it fill.
    workers.push_back(std::make_unique<numbering_worker>(exchange, worker_id{n}, sleepers[n], 60'000, n + 1U, n < 2));
  }
  {
    std::vector<std::thread> threads;
    for (auto& worker : workers) threads.emplace_back([&worker] { worker->run(); });
    for (auto& thread : threads) thread.join();
  }
  for (std::uint16_t n = 0; n < worker_count; ++n) {
    EXPECT_TRUE(workers[n]->in_order()) << n;
    EXPECT_EQ(workers[n]->batches_out(), 0) << n;
  }
}

// Every number is answered before the next is sent: each hand-over finds the receiver asleep or about to be.
TEST(exchange_threads, a_number_handed_round_wakes_one_after_the_other) {
  std::array<sleeper, worker_count> sleepers;
  std::array<base::waker*, worker_count> wakers{};
  for (std::size_t n = 0; n < worker_count; ++n) wakers[n] = &sleepers[n];
  exchange exchange(wakers);
  constexpr std::uint32_t last = 30'000;
  const auto pass_on = [&](worker_id self, std::uint32_t number) {
    const worker_id next{static_cast<std::uint16_t>((self.value + 1) % worker_count)};
    exchange.open(self, next).answers.push_back({next, number});
    exchange.send(self, next);
  };
  std::array<std::uint32_t, worker_count> seen{};
  const auto run = [&](worker_id self) {
    if (self.value == 0) pass_on(self, 1);
    auto& newest = seen[self.value];
    // Whoever gets one of the last numbers passes it on and is done.
    while (newest + worker_count <= last) {
      if (exchange.may_sleep(self)) sleepers[self.value].sleep();
      exchange.woke_up(self);
      exchange.receive(self, [&](worker_id, parcel& parcel) {
        newest = parcel.answers.front().request;
        if (newest < last) pass_on(self, newest + 1);
      });
    }
  };
  {
    std::vector<std::thread> threads;
    for (std::uint16_t n = 0; n < worker_count; ++n) threads.emplace_back(run, worker_id{n});
    for (auto& thread : threads) thread.join();
  }
  EXPECT_EQ(seen[0], last);
  EXPECT_EQ(seen[2], last - 1);
  EXPECT_EQ(seen[1], last - 2);
}

}  // namespace
}  // namespace headgate::worker::handover
