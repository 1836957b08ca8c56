#include "tests/bench/flood/crowd.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "net/tcp.hpp"
#include "tests/bench/flood/visit_source.hpp"

namespace headgate::bench::flood {
namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint64_t long_ns = 10 * second_ns;  // for what comes at once; so that a test ends that fails

// A server that does what the test says, and its visitors.
class crowd_test : public testing::Test {
 protected:
  net::descriptor accept() {
    bool out = false;
    net::descriptor accepted;
    while (!accepted) {
      accepted = net::accept(listener_.get(), &out);
      go_on();
    }
    return accepted;
  }

  // What has come, once anything has.
  std::string receive(const net::descriptor& from) {
    std::array<std::uint8_t, 512> input;
    net::io_outcome got{net::io_outcome::kind::would_block};
    while (got.what == net::io_outcome::kind::would_block) {
      got = net::receive(from.get(), input);
      go_on();
    }
    return {reinterpret_cast<const char*>(input.data()), got.size};
  }

  static void send(const net::descriptor& to, std::string_view text) {
    const std::array<base::bytes, 1> parts{base::as_bytes(text)};
    ASSERT_EQ(text.size(), net::send(to.get(), parts).size);
  }

  // A connection that was not made at once is made, and its first packet goes out.
  void go_on() {
    visitors_.wait_ns(second_ns / 1000);
    visitors_.handle(0);
  }

  // Until so many have ended.
  void run_until_open(std::size_t left) {
    while (visitors_.open_now() > left) {
      visitors_.wait_ns(long_ns);
      visitors_.handle(second_ns);
    }
  }

  std::uint64_t ended(kind what, outcome seen) const {
    return visitors_.figures().ended[static_cast<std::size_t>(what)][static_cast<std::size_t>(seen)];
  }

  net::descriptor listener_ = net::listen_tcp("127.0.0.1", 0);
  crowd visitors_{{"127.0.0.1", net::local_port(listener_.get()), {"127.0.0.7"}, 3 * second_ns, second_ns}};
  visit_source source_{1};
};

TEST_F(crowd_test, one_that_is_closed_without_a_word) {
  const auto made = source_.malformed(kind::wrong_name);
  visitors_.open(made, 0);
  EXPECT_EQ(1u, visitors_.open_now());
  auto server = accept();
  EXPECT_TRUE(net::peer_address(server.get()).starts_with("127.0.0.7:"));
  EXPECT_EQ(made.first, receive(server));
  server.reset();
  run_until_open(0);
  EXPECT_EQ(1u, ended(kind::wrong_name, outcome::closed));
  EXPECT_EQ(0u, visitors_.figures().wrong);
  EXPECT_EQ(made.size(), visitors_.figures().bytes);
}

TEST_F(crowd_test, one_that_is_refused_in_pieces) {
  using namespace std::string_view_literals;
  visitors_.open(source_.malformed(kind::wrong_level), 0);
  auto server = accept();
  receive(server);
  send(server, "\x20\x02"sv);
  visitors_.wait_ns(long_ns);
  visitors_.handle(0);
  send(server, "\0\x01"sv);
  server.reset();
  run_until_open(0);
  EXPECT_EQ(1u, ended(kind::wrong_level, outcome::refused));
}

TEST_F(crowd_test, one_that_is_accepted_and_must_not_be) {
  using namespace std::string_view_literals;
  visitors_.open(source_.malformed(kind::wrong_utf8), 0);
  const auto server = accept();
  send(server, "\x20\x02\0\0"sv);
  run_until_open(0);
  EXPECT_EQ(1u, ended(kind::wrong_utf8, outcome::accepted));
  EXPECT_EQ(1u, visitors_.figures().wrong);
  EXPECT_NE(std::string::npos, visitors_.figures().first_wrong.find("wrong_utf8 ended as accepted"));
}

TEST_F(crowd_test, what_is_wrong_comes_once_it_is_in) {
  using namespace std::string_view_literals;
  const auto made = source_.malformed(kind::wrong_subscribe);
  visitors_.open(made, 0);
  auto server = accept();
  EXPECT_EQ(made.first, receive(server));
  send(server, "\x20\x02\0\0"sv);
  visitors_.wait_ns(long_ns);
  visitors_.handle(0);
  EXPECT_EQ(made.then, receive(server));
  send(server, "\xe0\x01\x81"sv);
  server.reset();
  run_until_open(0);
  EXPECT_EQ(1u, ended(kind::wrong_subscribe, outcome::told_when_in));
}

TEST_F(crowd_test, a_valid_one) {
  using namespace std::string_view_literals;
  visitors_.open(source_.valid(), 0);
  auto server = accept();
  receive(server);
  send(server, "\x20\x02\0\0"sv);
  visitors_.wait_ns(long_ns);
  visitors_.handle(0);
  EXPECT_EQ("\xe0\0"sv, receive(server));
  server.reset();
  run_until_open(0);
  EXPECT_EQ(1u, ended(kind::valid, outcome::completed));
}

TEST_F(crowd_test, one_that_is_not_closed_in_time_and_one_for_which_it_may_wait) {
  auto waiting = source_.malformed(kind::random_bytes);
  waiting.first = "\x10";
  visitors_.open(waiting, 0);
  visitors_.open(source_.malformed(kind::publish_first), 0);
  visitors_.expire(second_ns - 1);
  EXPECT_EQ(2u, visitors_.open_now());
  visitors_.expire(second_ns);
  EXPECT_EQ(1u, ended(kind::random_bytes, outcome::left));
  EXPECT_EQ(0u, visitors_.figures().wrong);
  visitors_.expire(3 * second_ns);
  EXPECT_EQ(0u, visitors_.open_now());
  EXPECT_EQ(1u, ended(kind::publish_first, outcome::timed_out));
  EXPECT_EQ(1u, visitors_.figures().wrong);
}

TEST_F(crowd_test, they_break_off_by_a_reset_or_end_in_good_order) {
  visitors_.open(source_.malformed(kind::cut_by_reset), 0);
  const auto reset = accept();
  EXPECT_EQ(1u, ended(kind::cut_by_reset, outcome::left));
  EXPECT_EQ(0u, visitors_.open_now());
  visitors_.open(source_.malformed(kind::cut_short), 0);
  auto server = accept();
  EXPECT_NE("", receive(server));
  EXPECT_EQ("", receive(server));
  server.reset();
  run_until_open(0);
  EXPECT_EQ(1u, ended(kind::cut_short, outcome::closed));
}

TEST_F(crowd_test, nobody_listens) {
  listener_.reset();
  visitors_.open(source_.malformed(kind::wrong_name), 0);
  run_until_open(0);
  EXPECT_EQ(1u, ended(kind::wrong_name, outcome::connect_failed));
  EXPECT_EQ(1u, visitors_.figures().wrong);
}

}  // namespace
}  // namespace headgate::bench::flood
