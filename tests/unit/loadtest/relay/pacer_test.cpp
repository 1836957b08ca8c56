#include "loadtest/relay/pacer.hpp"

#include "tests/unit/loadtest/relay/packets.hpp"

namespace headgate::loadtest::relay {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t second = 1000 * ms;
constexpr std::uint64_t never = ~std::uint64_t{0};

octets bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

struct paced {
  explicit paced(const pacing& pace, std::uint64_t now_ns = 0) { pacer.set(pace, now_ns); }

  void push(std::string_view text, std::uint64_t now_ns) { pacer.push(bytes_of(text), now_ns); }
  std::string take(std::uint64_t now_ns) {
    const std::string text(base::as_text(pacer.ready(now_ns)));
    pacer.consume(text.size());
    return text;
  }

  net::buffer_pool pool;
  relay::pacer pacer{pool, 1};
};

TEST(pacer, without_pacing_everything_goes_at_once) {
  paced one({});
  EXPECT_EQ(one.pacer.next_ns(5), never);
  one.push("abc", 5);
  EXPECT_EQ(one.pacer.next_ns(5), 5U);
  EXPECT_EQ(one.take(5), "abc");
  EXPECT_EQ(one.pacer.waiting(), 0U);
}

TEST(pacer, a_delay_holds_each_push_for_its_time) {
  paced one({.delay_ns = 50 * ms});
  one.push("ab", 0);
  one.push("c", 10 * ms);
  EXPECT_EQ(one.pacer.next_ns(10 * ms), 50 * ms);
  EXPECT_EQ(one.take(50 * ms - 1), "");
  EXPECT_EQ(one.take(50 * ms), "ab");
  EXPECT_EQ(one.pacer.next_ns(50 * ms), 60 * ms);
  EXPECT_EQ(one.take(60 * ms), "c");
}

TEST(pacer, what_is_delayed_is_not_overtaken_when_the_delay_ends) {
  paced one({.delay_ns = 50 * ms});
  one.push("a", 0);
  one.pacer.set({}, 10 * ms);
  one.push("b", 10 * ms);
  EXPECT_EQ(one.take(10 * ms), "");
  EXPECT_EQ(one.take(50 * ms), "ab");
  one.push("c", 51 * ms);
  EXPECT_EQ(one.take(51 * ms), "c");
}

TEST(pacer, jitter_keeps_the_order_and_its_bounds) {
  paced one({.delay_ns = 50 * ms, .jitter_ns = 10 * ms});
  std::string out;
  bool has_waited_longer = false;
  for (int n = 0; n < 100; ++n) {
    const auto now = static_cast<std::uint64_t>(n) * 100 * ms;
    one.push(std::string(1, static_cast<char>('a' + n % 26)), now);
    EXPECT_EQ(one.take(now + 50 * ms - 1), "");
    const auto due = one.pacer.next_ns(now);
    EXPECT_LE(due, now + 60 * ms);
    has_waited_longer |= due > now + 55 * ms;
    EXPECT_EQ(one.take(due).size(), 1U);
  }
  EXPECT_TRUE(has_waited_longer);
}

TEST(pacer, a_stall_stops_everything_once) {
  pacing pace;
  pace.stalls.push_back({100 * ms, second, 0});
  paced one(pace);
  one.push("a", 99 * ms);
  EXPECT_EQ(one.take(99 * ms), "a");
  one.push("b", 100 * ms);
  EXPECT_EQ(one.take(100 * ms), "");
  EXPECT_EQ(one.pacer.next_ns(100 * ms), 1100 * ms);
  EXPECT_EQ(one.take(1100 * ms - 1), "");
  EXPECT_EQ(one.take(1100 * ms), "b");
}

TEST(pacer, a_stall_comes_again) {
  pacing pace;
  pace.stalls.push_back({0, second, 10 * second});
  paced one(pace);
  for (std::uint64_t round = 0; round < 5; ++round) {
    const auto begin = round * 10 * second;
    one.push("x", begin);
    EXPECT_EQ(one.pacer.next_ns(begin), begin + second);
    EXPECT_EQ(one.take(begin + second - 1), "");
    EXPECT_EQ(one.take(begin + second), "x");
    one.push("y", begin + 10 * second - 1);
    EXPECT_EQ(one.take(begin + 10 * second - 1), "y");
  }
}

TEST(pacer, a_stall_without_an_end) {
  pacing pace;
  pace.stalls.push_back({0, never, 0});
  paced one(pace);
  one.push("x", 1);
  EXPECT_EQ(one.pacer.next_ns(1), never);
  EXPECT_EQ(one.take(never - 1), "");
  one.pacer.set({}, 5);
  EXPECT_EQ(one.take(5), "x");
}

TEST(pacer, stalls_add_up) {
  pacing pace;
  pace.stalls.push_back({0, 10 * ms, 0});
  pace.stalls.push_back({5 * ms, 10 * ms, 0});
  paced one(pace);
  one.push("x", 1);
  EXPECT_EQ(one.pacer.next_ns(1), 15 * ms);
}

TEST(pacer, a_throttle_lets_so_many_bytes_go) {
  paced one({.bytes_per_second = 1000});
  one.push(std::string(5000, 'x'), 0);
  std::size_t sent = 0;
  std::uint64_t now = 0;
  while (one.pacer.waiting() > 0) {
    sent += one.take(now).size();
    EXPECT_LE(static_cast<double>(sent), 1000 * (static_cast<double>(now) / 1e9 + 0.05) + 1);
    const auto next = one.pacer.next_ns(now);
    if (next == never) break;
    EXPECT_GT(next, now);
    now = next;
  }
  EXPECT_EQ(sent, 5000U);
  EXPECT_NEAR(static_cast<double>(now) / 1e9, 4.95, 0.02);
}

TEST(pacer, property_the_same_bytes_come_out) {
  tests::for_each_seed([](tests::dice& dice) {
    net::buffer_pool pool;
    pacer one(pool, dice.bits());
    std::string in;
    std::string out;
    std::uint64_t now = 0;
    for (int step = 0; step < 3000; ++step) {
      now += dice.below(20) * ms;
      switch (dice.below(6)) {
        case 0: {
          pacing pace;
          if (dice.one_in(2)) pace.delay_ns = dice.below(100) * ms;
          if (dice.one_in(3)) pace.jitter_ns = dice.below(50) * ms;
          if (dice.one_in(4)) pace.bytes_per_second = 1 + dice.below(100'000);
          if (dice.one_in(4)) pace.stalls.push_back({now, dice.below(200) * ms, 300 * ms});
          one.set(pace, now);
          break;
        }
        case 1:
        case 2: {
          std::string data(dice.below(500), ' ');
          for (auto& each : data) each = static_cast<char>(dice.bits());
          one.push(base::as_bytes(data), now);
          in += data;
          break;
        }
        default: {
          const auto ready = one.ready(now);
          const auto size = ready.empty() ? 0 : 1 + dice.below(ready.size());
          out += base::as_text(ready.first(size));
          one.consume(size);
        }
      }
      ASSERT_EQ(one.waiting(), in.size() - out.size());
    }
    one.set({}, now);
    while (one.waiting() > 0) {
      const auto next = one.next_ns(now);
      ASSERT_NE(next, never);
      now = next;
      const auto ready = one.ready(now);
      ASSERT_FALSE(ready.empty());
      out += base::as_text(ready);
      one.consume(ready.size());
    }
    ASSERT_EQ(in, out);
  });
}

}  // namespace
}  // namespace headgate::loadtest::relay
