// One worker with several listeners.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/unit/proxy/listener/sockets.hpp"

namespace headgate::proxy::listener::testing {
namespace {

using ::testing::StartsWith;

// A server with a second listener.
struct two_doors : server {
  two_doors() {
    auto listener = net::listen_tcp("127.0.0.1", 0);
    second_port = net::local_port(listener.get());
    sockets.listen(std::move(listener), {.name = "second"});
  }
  std::uint16_t second_port = 0;
};

// No descriptor is free, as long as it lives. Before that the log is written to once: UBSan opens a pipe when it meets
// the vtable of a class for the first time, and takes the object for broken if it cannot.
class no_descriptors {
 public:
  explicit no_descriptors(recording_log& log) {
    static_cast<base::log_sink&>(log).write({});
    log.lines.clear();
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const net::descriptor next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    auto lower = before_;
    lower.rlim_cur = static_cast<rlim_t>(next.get());
    ::setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(listeners, each_client_knows_the_one_it_came_through) {
  two_doors server;
  peer through_second(server.second_port);
  server.until([&] { return server.taker.accepts.size() == 1; });
  const auto second = server.taker.accepts.back();
  auto [through_first, first] = server.connect();
  EXPECT_EQ(server.sockets.entrance_of(first).listener, "");
  EXPECT_EQ(server.sockets.entrance_of(second).listener, "second");
  server.sockets.close_listeners();
  EXPECT_EQ(server.sockets.entrance_of(second).listener, "second");
}

TEST(listeners, rest_together_without_descriptors_and_go_on_together_when_a_client_has_gone) {
  two_doors server;
  auto [client, number] = server.connect();
  peer one(server.port);
  peer other(server.second_port);
  {
    const no_descriptors none(server.log);
    server.until([&] { return server.sockets.view().accepts_paused == 1; });
    server.settle();
    EXPECT_EQ(server.taker.accepts.size(), 1U);
    EXPECT_EQ(server.sockets.view().accepts_paused, 1U) << "neither is asked again and again";
    EXPECT_EQ(server.log.lines.size(), 1U);
  }
  server.sockets.close(number);
  server.until([&] { return server.taker.accepts.size() == 3; });
}

TEST(listeners, go_on_after_a_second_though_others_keep_the_worker_busy) {
  two_doors server;
  auto [client, number] = server.connect();
  peer one(server.port);
  peer other(server.second_port);
  {
    const no_descriptors none(server.log);
    server.until([&] { return server.sockets.view().accepts_paused == 1; });
  }
  for (int turns = 0; server.taker.accepts.size() < 3; ++turns) {
    ASSERT_LT(turns, 10'000'000);
    client.send(packet("busy"));
    server.turn(1000);
  }
}

TEST(listeners, the_address_of_a_client_that_reset_the_connection_is_still_known) {
  server server;
  auto [client, number] = server.connect();
  EXPECT_THAT(server.sockets.peer_of(number), StartsWith("127.0.0.1:"));
  const auto address = server.sockets.peer_of(number);
  std::string when_closed;
  server.taker.when_closed = [&](std::uint32_t gone) { when_closed = server.sockets.peer_of(gone); };
  client.break_off();
  server.until([&] { return !when_closed.empty(); });
  EXPECT_EQ(when_closed, address);
}

}  // namespace
}  // namespace headgate::proxy::listener::testing
