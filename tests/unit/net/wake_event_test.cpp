#include "net/wake_event.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "net/poller.hpp"

namespace headgate::net {
namespace {

TEST(wake_event, wakes_a_poller_once_for_many_calls_until_it_is_cleared) {
  poller poller;
  wake_event wake;
  poller.add(wake.fd(), 9);
  poller.wait(0);
  EXPECT_FALSE(poller.has_event());
  for (int n = 0; n < 3; ++n) wake.wake();
  poller.wait(-1);
  ASSERT_TRUE(poller.has_event());
  EXPECT_EQ(poller.take().key, 9U);
  EXPECT_FALSE(poller.has_event());
  wake.clear();
  poller.wait(0);
  EXPECT_FALSE(poller.has_event());
  wake.clear();  // nothing to clear: it does not block
  wake.wake();
  poller.wait(0);
  EXPECT_TRUE(poller.has_event());
}

TEST(wake_event, another_thread_wakes_a_mailboxs_owner_from_its_sleep) {
  poller poller;
  wake_event wake;
  base::mailbox mailbox(wake);
  poller.add(wake.fd(), 9);
  bool ran = false;
  std::thread poster([&] { mailbox.post([&] { ran = true; }); });
  poller.wait(-1);
  ASSERT_TRUE(poller.has_event());
  wake.clear();
  mailbox.run_all();
  EXPECT_TRUE(ran);
  poster.join();
}

}  // namespace
}  // namespace headgate::net
