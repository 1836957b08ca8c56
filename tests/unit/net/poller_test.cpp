#include "net/poller.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <map>
#include <set>
#include <system_error>

#include "net/wake_event.hpp"

namespace headgate::net {
namespace {

// Two sockets connected to each other.
struct pair {
  pair() {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
    ours = descriptor(fds[0]);
    theirs = descriptor(fds[1]);
  }
  void say() { EXPECT_EQ(::send(theirs.get(), "x", 1, MSG_NOSIGNAL), 1); }
  void hear() {
    char byte;
    EXPECT_EQ(::recv(ours.get(), &byte, 1, 0), 1);
  }
  descriptor ours;
  descriptor theirs;
};

// All events that one wait without a timeout finds, by key.
std::map<std::uint64_t, poller::event> events(poller& poller) {
  std::map<std::uint64_t, poller::event> found;
  poller.wait(0);
  while (poller.has_event()) {
    const auto event = poller.take();
    EXPECT_TRUE(found.emplace(event.key, event).second);
  }
  return found;
}

TEST(poller, tells_by_key_who_is_readable_until_it_was_read) {
  poller poller;
  pair first;
  pair second;
  poller.add(first.ours.get(), 1);
  poller.add(second.ours.get(), 0xffff'ffff'ffff'ffffU);
  EXPECT_TRUE(events(poller).empty());
  second.say();
  for (int again = 0; again < 2; ++again) {
    const auto found = events(poller);
    ASSERT_EQ(found.size(), 1U);
    ASSERT_TRUE(found.contains(0xffff'ffff'ffff'ffffU));
    EXPECT_TRUE(found.begin()->second.readable);
    EXPECT_FALSE(found.begin()->second.writable);
  }
  second.hear();
  EXPECT_TRUE(events(poller).empty());
}

TEST(poller, interest_decides_what_is_told) {
  poller poller;
  pair pair;
  poller.add(pair.ours.get(), 5);
  pair.say();
  poller.set_interest(pair.ours.get(), 5, false, true);
  auto found = events(poller);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[5].readable);
  EXPECT_TRUE(found[5].writable);
  poller.set_interest(pair.ours.get(), 5, true, true);
  found = events(poller);
  EXPECT_TRUE(found[5].readable);
  EXPECT_TRUE(found[5].writable);
  poller.set_interest(pair.ours.get(), 6, true, false);
  EXPECT_TRUE(events(poller).contains(6));
  poller.set_interest(pair.ours.get(), 6, false, false);
  EXPECT_TRUE(events(poller).empty());
}

TEST(poller, a_peer_that_closed_is_readable) {
  poller poller;
  pair pair;
  poller.add(pair.ours.get(), 5);
  pair.theirs.reset();
  auto found = events(poller);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[5].readable);
  // Even to who does not want to read: otherwise nobody would close it.
  poller.set_interest(pair.ours.get(), 5, false, false);
  found = events(poller);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[5].readable);
}

TEST(poller, what_was_removed_is_told_no_more) {
  poller poller;
  pair pair;
  poller.add(pair.ours.get(), 5);
  pair.say();
  poller.remove(pair.ours.get());
  EXPECT_TRUE(events(poller).empty());
  EXPECT_THROW(poller.remove(pair.ours.get()), std::system_error);
}

TEST(poller, events_left_over_are_kept_and_come_before_new_ones) {
  poller poller;
  std::array<pair, 4> pairs;
  for (std::uint64_t key = 0; key < pairs.size(); ++key) poller.add(pairs[key].ours.get(), key);
  for (int n = 0; n < 3; ++n) pairs[n].say();
  poller.wait(0);
  std::set<std::uint64_t> seen{poller.take().key};
  pairs[3].say();
  // With events left, neither a wait for ever nor one without time looks for new ones.
  poller.wait(-1);
  while (poller.has_event()) {
    poller.wait(0);
    ASSERT_TRUE(seen.insert(poller.take().key).second) << "found anew instead of kept";
  }
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2}));
  EXPECT_TRUE(events(poller).contains(3));
}

TEST(poller, more_events_than_one_wait_takes) {
  poller poller;
  wake_event always;
  always.wake();
  constexpr std::uint64_t count = 1500;
  std::vector<descriptor> copies;
  for (std::uint64_t key = 0; key < count; ++key) {
    copies.emplace_back(::dup(always.fd()));
    if (!copies.back()) GTEST_SKIP() << "this process may open too few files";
    poller.add(copies.back().get(), key);
  }
  std::set<std::uint64_t> seen;
  for (int waits = 0; waits < 2; ++waits) {
    for (const auto& [key, event] : events(poller)) seen.insert(key);
  }
  EXPECT_EQ(seen.size(), count);
}

}  // namespace
}  // namespace headgate::net
