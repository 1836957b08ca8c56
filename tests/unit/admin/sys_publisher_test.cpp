#include "admin/sys_publisher.hpp"

#include <gtest/gtest.h>

#include <future>
#include <mutex>

#include "tests/unit/admin/fake_server.hpp"

namespace headgate::admin {
namespace {

// Fulfils a promise at the nth uptime, which each publication has.
struct uptime_watch {
  explicit uptime_watch(int wanted) : wanted(wanted) {}
  void see(const std::string& topic) {
    if (topic == "$SYS/broker/uptime" && ++seen == wanted) reached.set_value();
  }
  bool wait() { return reached.get_future().wait_for(std::chrono::seconds(60)) == std::future_status::ready; }
  int wanted;
  int seen = 0;
  std::promise<void> reached;
};

TEST(sys_publisher, publishes_each_interval_until_it_is_zero) {
  fake_server server(answering::from_another_thread);
  service_thread thread;
  uptime_watch watch(3);
  sys_publisher publisher(thread, server, [&](const std::string& topic, const std::string&) { watch.see(topic); });
  publisher.set_interval(1);
  thread.start();
  EXPECT_TRUE(watch.wait());
  publisher.set_interval(0);
  std::promise<int> seen;
  thread.post([&] { seen.set_value(watch.seen); });
  const int before = seen.get_future().get();
  std::promise<int> later;
  thread.after(20, [&] { later.set_value(watch.seen); });
  EXPECT_EQ(later.get_future().get(), before);
  thread.stop();
}

TEST(sys_publisher, asks_again_only_when_it_was_answered) {
  fake_server server(answering::when_told);
  service_thread thread;
  uptime_watch watch(1);
  {
    sys_publisher publisher(thread, server, [&](const std::string& topic, const std::string&) { watch.see(topic); });
    publisher.set_interval(1);
    thread.start();
    std::promise<void> later;
    thread.after(20, [&] { later.set_value(); });
    later.get_future().get();
    EXPECT_EQ(server.asked(), 1U);
    server.answer_now();
    EXPECT_TRUE(watch.wait());
  }
  server.answer_now();  // one that nobody waits for any more
  thread.stop();
  server.answer_now();
}

}  // namespace
}  // namespace headgate::admin
