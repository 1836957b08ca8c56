#include "base/mailbox.hpp"

#include <gtest/gtest.h>

#include <semaphore>
#include <thread>

namespace headgate::base {
namespace {

class counting_waker final : public waker {
 public:
  void wake() override { calls.release(); }
  std::counting_semaphore<> calls{0};
};

TEST(mailbox, runs_letters_once_in_the_order_they_were_posted) {
  counting_waker waker;
  mailbox mailbox(waker);
  mailbox.run_all();
  std::vector<int> seen;
  for (int n = 0; n < 3; ++n) mailbox.post([&seen, n] { seen.push_back(n); });
  EXPECT_TRUE(seen.empty());
  mailbox.run_all();
  mailbox.run_all();
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2}));
}

TEST(mailbox, a_letter_that_posts_another_is_answered_in_the_next_turn) {
  counting_waker waker;
  mailbox mailbox(waker);
  int runs = 0;
  mailbox.post([&] {
    ++runs;
    mailbox.post([&] { ++runs; });
  });
  mailbox.run_all();
  EXPECT_EQ(runs, 1);
  mailbox.run_all();
  EXPECT_EQ(runs, 2);
}

// The worker sleeps until it is woken, as in its poll: a letter whose wake came too early would hang this test.
TEST(mailbox, several_threads_post_and_none_is_lost) {
  constexpr int threads = 4;
  constexpr int letters = 2000;
  counting_waker waker;
  mailbox mailbox(waker);
  std::vector<int> last(threads, -1);
  int received = 0;
  bool in_order = true;
  std::vector<std::thread> posters;
  for (int poster = 0; poster < threads; ++poster) {
    posters.emplace_back([&, poster] {
      for (int n = 0; n < letters; ++n) {
        mailbox.post([&, poster, n] {
          in_order = in_order && last[poster] + 1 == n;
          last[poster] = n;
          ++received;
        });
      }
    });
  }
  while (received < threads * letters) {
    waker.calls.acquire();
    mailbox.run_all();
  }
  for (auto& poster : posters) poster.join();
  EXPECT_TRUE(in_order);
  EXPECT_EQ(received, threads * letters);
}

}  // namespace
}  // namespace headgate::base
