#include "proxy/auth/hash_pool.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/limits.hpp"
#include "tests/unit/proxy/auth/fakes.hpp"

namespace headgate::proxy::auth {
namespace {

class hash_pool_test : public ::testing::Test {
 protected:
  hash_pool::job job(const std::string& password, std::function<void(bool)> done) {
    hash_pool::job job;
    job.hash = {101, "salt", "right"};
    job.password = password;
    job.answers = &box_.letters();
    job.done = std::move(done);
    return job;
  }
  bool submit(hash_pool& pool, const std::string& password) {
    return pool.submit(job(password, [&](bool is_right) { answers_.push_back(is_right); }));
  }

  testing::letter_box box_;
  testing::fake_check check_;
  std::vector<bool> answers_;
};

TEST_F(hash_pool_test, answers_by_letters_in_the_thread_that_reads_them) {
  hash_pool pool(1, 10, std::ref(check_));
  const auto self = std::this_thread::get_id();
  std::thread::id answered_in;
  ASSERT_TRUE(pool.submit(job("right", [&](bool is_right) {
    answers_.push_back(is_right);
    answered_in = std::this_thread::get_id();
  })));
  ASSERT_TRUE(submit(pool, "wrong"));
  box_.read_until([&] { return answers_.size() == 2; });
  EXPECT_EQ(answers_, (std::vector<bool>{true, false}));
  EXPECT_EQ(answered_in, self);
  EXPECT_EQ(pool.view().computed, 2U);
  EXPECT_EQ(pool.view().waiting, 0U);
  EXPECT_EQ(pool.view().refused, 0U);
}

TEST_F(hash_pool_test, computes_the_hashes_of_mosquitto) {
  hash_pool pool(1, 10);
  auto right = job("secret", [&](bool is_right) { answers_.push_back(is_right); });
  right.hash = make_password_hash("secret", 101);
  auto wrong = job("guess", [&](bool is_right) { answers_.push_back(is_right); });
  wrong.hash = right.hash;
  ASSERT_TRUE(pool.submit(std::move(right)));
  ASSERT_TRUE(pool.submit(std::move(wrong)));
  box_.read_until([&] { return answers_.size() == 2; });
  EXPECT_EQ(answers_, (std::vector<bool>{true, false}));
  EXPECT_GT(pool.view().busy_us, 0U);
}

TEST_F(hash_pool_test, refuses_above_as_many_as_may_wait_and_leaves_the_job_as_it_was) {
  hash_pool pool(1, 2, std::ref(check_));
  check_.close();
  ASSERT_TRUE(submit(pool, "one"));
  check_.wait_for_begun(1);
  ASSERT_TRUE(submit(pool, "two"));
  ASSERT_TRUE(submit(pool, "three"));
  auto refused = job("four", [](bool) {});
  EXPECT_FALSE(pool.submit(std::move(refused)));
  EXPECT_EQ(refused.password, "four");
  EXPECT_EQ(pool.view().waiting, 2U);
  EXPECT_EQ(pool.view().refused, 1U);
  check_.open();
  box_.read_until([&] { return answers_.size() == 3; });
  EXPECT_TRUE(submit(pool, "five"));
  box_.read_until([&] { return answers_.size() == 4; });
}

TEST_F(hash_pool_test, refuses_above_the_bytes_that_may_wait) {
  hash_pool pool(1, 1'000'000, std::ref(check_));
  check_.close();
  ASSERT_TRUE(submit(pool, "first"));
  check_.wait_for_begun(1);
  const std::string longest(65535, 'x');
  std::size_t taken = 0;
  while (submit(pool, longest)) ++taken;
  EXPECT_EQ(taken, base::waiting_password_bytes / longest.size());
  check_.open();
  box_.read_until([&] { return answers_.size() == taken + 1; });
  EXPECT_TRUE(submit(pool, longest));
  box_.read_until([&] { return answers_.size() == taken + 2; });
}

TEST_F(hash_pool_test, wipes_the_password_that_it_takes) {
  hash_pool pool(1, 10, std::ref(check_));
  auto taken = job("a short one", [&](bool is_right) { answers_.push_back(is_right); });
  ASSERT_TRUE(pool.submit(std::move(taken)));
  EXPECT_TRUE(taken.password.empty());
  EXPECT_EQ(std::string(taken.password.data(), 11), std::string(11, '\0'));  // a short string's own place
  box_.read_until([&] { return answers_.size() == 1; });
}

TEST_F(hash_pool_test, stop_waits_for_those_under_way_and_forgets_those_that_wait) {
  hash_pool pool(2, 10, std::ref(check_));
  check_.close();
  for (int n = 0; n < 5; ++n) ASSERT_TRUE(submit(pool, "right"));
  check_.wait_for_begun(2);
  std::atomic<bool> has_stopped = false;
  std::thread stopping([&] {
    pool.stop();
    has_stopped = true;
  });
  while (pool.view().waiting > 0) std::this_thread::yield();  // stop() has begun
  EXPECT_FALSE(has_stopped);
  EXPECT_FALSE(submit(pool, "too late"));
  check_.open();
  stopping.join();
  box_.letters().run_all();
  EXPECT_EQ(answers_.size(), 2U);
  EXPECT_EQ(check_.begun(), 2U);
  EXPECT_FALSE(submit(pool, "too late"));
  pool.stop();  // again does nothing
}

TEST_F(hash_pool_test, what_a_forgotten_job_holds_is_let_go) {
  const auto held = std::make_shared<int>(1);
  {
    hash_pool pool(1, 10, std::ref(check_));
    check_.close();
    ASSERT_TRUE(submit(pool, "under way"));
    check_.wait_for_begun(1);
    ASSERT_TRUE(pool.submit(job("waits", [held](bool) {})));
    std::thread stopping([&] { pool.stop(); });
    while (pool.view().waiting > 0) std::this_thread::yield();  // it is forgotten
    check_.open();
    stopping.join();
  }
  box_.letters().run_all();
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(hash_pool_test, several_threads_compute_at_once_with_names_and_a_lower_priority) {
  std::mutex mutex;
  std::vector<std::string> names;
  std::vector<int> niceness;
  hash_pool pool(2, 10, [&](const password_hash& hash, std::string_view password) {
    std::array<char, 16> name{};
    pthread_getname_np(pthread_self(), name.data(), name.size());
    {
      const std::lock_guard lock(mutex);
      names.emplace_back(name.data());
      niceness.push_back(getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())));
    }
    return check_(hash, password);
  });
  check_.close();
  ASSERT_TRUE(submit(pool, "one"));
  ASSERT_TRUE(submit(pool, "two"));
  check_.wait_for_begun(2);  // both under way
  check_.open();
  box_.read_until([&] { return answers_.size() == 2; });
  const std::lock_guard lock(mutex);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()),
            (std::set<std::string>{"headgate-hash0", "headgate-hash1"}));
  const int own = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
  for (const int nice : niceness) EXPECT_GE(nice, std::min(own + 1, 19));
}

TEST_F(hash_pool_test, many_threads_submit_at_once) {
  hash_pool pool(2, 100'000, std::ref(check_));
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&] {
      for (int m = 0; m < 500; ++m) EXPECT_TRUE(submit(pool, m % 2 == 0 ? "right" : "wrong"));
    });
  }
  box_.read_until([&] { return answers_.size() == 2000; });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::count(answers_.begin(), answers_.end(), true), 1000);
  EXPECT_EQ(pool.view().computed, 2000U);
}

}  // namespace
}  // namespace headgate::proxy::auth
