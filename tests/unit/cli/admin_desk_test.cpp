// The admin desk, over real workers in threads with real sockets.

#include "cli/admin_desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <future>
#include <map>
#include <mutex>
#include <set>

#include "mqtt/connect.hpp"
#include "mqtt/publish.hpp"
#include "mqtt/subscribe.hpp"
#include "net/tcp.hpp"
#include "proxy/auth/hash_pool.hpp"
#include "shard-router/changes.hpp"
#include "tests/unit/proxy/listener/sockets.hpp"

namespace headgate::cli {
namespace {

using proxy::listener::testing::peer;
using proxy::listener::testing::recording_log;
using proxy::session::client_details;
using proxy::session::client_view;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

template <class Packet, class... Version>
std::string encoded(const Packet& packet, Version... version) {
  std::string text(mqtt::encoded_size(packet, version...), '\0');
  mqtt::encode(packet, version..., reinterpret_cast<std::uint8_t*>(text.data()));
  return text;
}

// Calls that are due when the test says so.
class hand_of_time {
 public:
  void add(std::chrono::milliseconds delay, std::function<void()> call) {
    const std::lock_guard lock(mutex_);
    calls_.emplace(delay, std::move(call));
  }
  void run_all() {
    std::multimap<std::chrono::milliseconds, std::function<void()>> due;
    {
      const std::lock_guard lock(mutex_);
      due.swap(calls_);
    }
    for (const auto& [delay, call] : due) call();
  }

 private:
  std::mutex mutex_;
  std::multimap<std::chrono::milliseconds, std::function<void()>> calls_;
};

// Two workers with a listener each on a port of its own, and three shards.
class admin_desk_test : public ::testing::Test {
 protected:
  static constexpr std::uint16_t worker_count = 2;

  admin_desk_test() {
    for (std::uint16_t n = 0; n < worker_count; ++n) {
      auto sockets = net::listen_tcp("127.0.0.1", 0, 1);
      ports_.push_back(net::local_port(sockets.front().get()));
      threads_.push_back(std::make_unique<worker_thread>(process_, base::worker_id{n},
                                                         thread_surroundings{places_, log_, hashes_, storage_},
                                                         wakes_[n], door_files{}, 100U + n));
      threads_.back()->listen(std::move(sockets.front()),
                              {.name = "door" + std::to_string(n), .anonymous_allowed = true});
    }
    for (const auto& thread : threads_) thread->start([] { FAIL() << "a worker has failed"; });
    desk = std::make_unique<admin_desk>(
        std::vector<worker_thread*>{threads_[0].get(), threads_[1].get()},
        desk_surroundings{map_, 0, [] { return with_facts(); },
                          [this](auto delay, auto call) { time.add(delay, std::move(call)); }});
  }
  ~admin_desk_test() override {
    time.run_all();
    for (const auto& thread : threads_) thread->stop();
    for (const auto& thread : threads_) EXPECT_EQ(thread->join(), nullptr);
    hashes_.stop();
  }

  static admin::measures with_facts() {
    admin::measures facts;
    facts.facts.version = "1.2.3";
    facts.log_lines = 7;
    return facts;
  }

  // The answer to one question; nothing when the workers did not answer.
  template <class Answer, class Ask>
  std::optional<Answer> ask(Ask question) {
    std::promise<std::optional<Answer>> promise;
    question([&](std::optional<Answer> answer) { promise.set_value(std::move(answer)); });
    auto future = promise.get_future();
    if (future.wait_for(std::chrono::seconds(20)) != std::future_status::ready) throw std::runtime_error("no answer");
    return future.get();
  }
  admin::measures measure() {
    return *ask<admin::measures>([&](auto done) { desk->measure(done); });
  }
  admin::page<client_view> list(admin::page_request request) {
    return *ask<admin::page<client_view>>([&](auto done) { desk->list_clients(request, done); });
  }
  std::optional<client_details> show(const std::string& id) {
    return *ask<std::optional<client_details>>([&](auto done) { desk->show_client(id, done); });
  }
  admin::page<broker::shard::topic_view> list_topics(admin::page_request request) {
    return *ask<admin::page<broker::shard::topic_view>>([&](auto done) { desk->list_topics(request, done); });
  }

  // A client that has its CONNACK; it takes the SUBACKs of its filters with it.
  peer join(std::uint16_t worker, std::string_view id, std::initializer_list<std::string_view> filters = {}) {
    peer client(ports_[worker]);
    mqtt::connect connect;
    connect.version = mqtt::version::v3_1_1;
    connect.client_id = id;
    connect.clean_start = true;
    client.send(encoded(connect));
    EXPECT_EQ(client.take(4), std::string("\x20\x02\0\0", 4));
    for (const auto filter : filters) {
      client.send(
          encoded(mqtt::subscribe{7, 0, {{filter, mqtt::qos::at_most_once, false, false, 0}}}, mqtt::version::v3_1_1));
      EXPECT_EQ(client.take(5), std::string("\x90\x03\0\x07\0", 5));
    }
    return client;
  }
  // Keeps a worker from answering until the result is set.
  std::promise<void> occupy(std::size_t worker) {
    std::promise<void> end;
    std::promise<void> begun;
    threads_[worker]->post([&begun, until = end.get_future().share()](auto&, const auto&) {
      begun.set_value();
      until.wait();
    });
    begun.get_future().wait();
    return end;
  }

  base::limits limits_;
  shard_router::shard_map map_ = *shard_router::make_shard_map(std::vector<shard_router::cluster>{{"main", 1, 3}});
  recording_log log_;
  proxy::listener::client_places places_{100};
  proxy::auth::hash_pool hashes_{1, 10};
  storage storage_{config::settings{}, map_, worker_count, log_};
  std::array<net::wake_event, worker_count> wakes_;
  std::array<base::waker*, worker_count> wakers_{&wakes_[0], &wakes_[1]};
  worker::handover::exchange exchange_{wakers_};
  worker::process process_{limits_, map_, 0, exchange_, 77};
  std::vector<std::uint16_t> ports_;
  std::vector<std::unique_ptr<worker_thread>> threads_;
  hand_of_time time;
  std::unique_ptr<admin_desk> desk;
};

TEST_F(admin_desk_test, measures_all_workers) {
  const auto a = join(0, "a");
  const auto b = join(1, "b");
  const auto c = join(1, "c");
  const auto found = measure();
  EXPECT_EQ(found.facts.version, "1.2.3");
  EXPECT_EQ(found.log_lines, 7U);
  ASSERT_EQ(found.workers.size(), 2U);
  EXPECT_EQ(found.workers[0].worker.gateway.clients, 1U);
  EXPECT_EQ(found.workers[1].worker.gateway.clients, 2U);
  EXPECT_EQ(found.workers[0].shards.size(), 2U);
  EXPECT_EQ(found.workers[1].shards.size(), 1U);
  EXPECT_GT(found.workers[1].sockets.bytes_in, 0U);
}

TEST_F(admin_desk_test, pages_go_from_worker_to_worker) {
  std::vector<peer> clients;
  for (std::uint16_t n = 0; n < 5; ++n)
    clients.push_back(join(static_cast<std::uint16_t>(n % 2), "c" + std::to_string(n)));
  std::set<std::string> seen;
  admin::page_request request{.limit = 2, .after = {}, .match = {}};
  int pages = 0;
  do {
    const auto page = list(request);
    EXPECT_LE(page.items.size(), 2U);
    for (const auto& client : page.items) EXPECT_TRUE(seen.insert(client.id).second) << client.id;
    request.after = page.next;
    ASSERT_LT(++pages, 10);
  } while (!request.after.empty());
  EXPECT_THAT(seen, ElementsAre("c0", "c1", "c2", "c3", "c4"));
  EXPECT_EQ(list({.limit = 100, .after = {}, .match = "c3"}).items.size(), 1U);
  for (const auto* never_given : {"x", "1", "1:", "1:x", "7:0", "-1:0"}) {
    const auto page = list({.limit = 100, .after = never_given, .match = {}});
    EXPECT_TRUE(page.items.empty() && page.next.empty()) << never_given;
  }
}

TEST_F(admin_desk_test, shows_a_client_of_any_worker) {
  const auto a = join(0, "a", {"t"});
  const auto b = join(1, "b");
  const auto found = show("a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->client.listener, "door0");
  EXPECT_EQ(found->subscriptions.size(), 1U);
  EXPECT_EQ(show("b")->client.listener, "door1");
  EXPECT_FALSE(show("c"));
}

TEST_F(admin_desk_test, kicks_a_client) {
  auto client = join(1, "a");
  const auto kick = [&] { return *ask<bool>([&](auto done) { desk->kick_client("a", done); }); };
  EXPECT_TRUE(kick());
  EXPECT_TRUE(client.is_closed());
  EXPECT_FALSE(kick());
}

TEST_F(admin_desk_test, shows_topics_of_all_shards) {
  auto a = join(0, "a", {"x/1", "x/2", "y/1", "+/1"});
  const auto b = join(1, "b", {"+/1"});
  mqtt::publish_head head;
  head.version = mqtt::version::v3_1_1;
  head.qos = mqtt::qos::at_least_once;
  head.retain = true;
  head.packet_id = 1;
  head.topic = "x/1";
  head.payload_size = 2;
  a.send(encoded(head) + "hi");
  // Its subscription to x/1 and its acknowledgement, in either order: all has been done.
  a.take(4 + 9);
  std::set<std::string> topics;
  admin::page_request request{.limit = 1, .after = {}, .match = "x/#"};
  do {
    const auto page = list_topics(request);
    for (const auto& topic : page.items) topics.insert(topic.topic);
    request.after = page.next;
  } while (!request.after.empty());
  EXPECT_THAT(topics, ElementsAre("x/1", "x/2"));
  EXPECT_TRUE(list_topics({.limit = 10, .after = {}, .match = "x/#/y"}).items.empty()) << "no filter";

  const auto topic = *ask<admin::topic_details>([&](auto done) { desk->show_topic("x/1", done); });
  EXPECT_TRUE(topic.known);
  EXPECT_EQ(topic.cluster, "main");
  EXPECT_EQ(topic.shard, map_.shard_of(shard_router::slot{topic.slot}).value);
  EXPECT_EQ(topic.view.routes, 1U);
  EXPECT_EQ(topic.view.wildcard_routes, 2U);
  EXPECT_TRUE(topic.retained.present);
  EXPECT_EQ(topic.retained.payload_bytes, 2U);
  ASSERT_EQ(topic.filters.size(), 2U);
  EXPECT_EQ(topic.filters[0].filter, "+/1");
  EXPECT_EQ(topic.filters[0].subscribers, 2U);
  EXPECT_EQ(topic.filters[1].filter, "x/1");
  const auto unknown = *ask<admin::topic_details>([&](auto done) { desk->show_topic("z", done); });
  EXPECT_FALSE(unknown.known || unknown.retained.present);
  EXPECT_TRUE(unknown.filters.empty());
}

TEST_F(admin_desk_test, says_nothing_once_when_a_worker_does_not_answer) {
  auto busy = occupy(1);
  std::atomic<int> answers{0};
  const auto answer = ask<admin::measures>([&](auto done) {
    desk->measure([&, done](auto given) {
      ++answers;
      done(std::move(given));
    });
    time.run_all();
  });
  EXPECT_FALSE(answer);
  busy.set_value();
  measure();
  EXPECT_EQ(answers, 1) << "what came too late is nobody's answer";
}

TEST_F(admin_desk_test, refuses_questions_when_too_many_are_open) {
  auto busy = occupy(0);
  std::atomic<std::uint32_t> answered{0};
  for (std::uint32_t n = 0; n < base::admin_walks; ++n) {
    desk->kick_client("nobody", [&](std::optional<bool> answer) { answered += answer ? 1 : 0; });
  }
  EXPECT_FALSE(ask<bool>([&](auto done) { desk->kick_client("nobody", done); })) << "at once";
  std::atomic<bool> measured{false};
  desk->measure([&](const auto& answer) { measured = answer.has_value(); });
  busy.set_value();
  // Letters are in order at each worker, so a letter to both in turn comes behind all of them.
  for (const auto& thread : threads_) {
    std::promise<void> reached;
    thread->post([&](auto&, const auto&) { reached.set_value(); });
    reached.get_future().wait();
  }
  EXPECT_EQ(answered, base::admin_walks);
  EXPECT_TRUE(measured) << "whoever measures does not wait for those who look for clients";
  EXPECT_TRUE(ask<bool>([&](auto done) { desk->kick_client("nobody", done); }));
}

TEST_F(admin_desk_test, publishes_values_of_the_server) {
  auto client = join(1, "a", {"$SYS/#"});
  desk->publish_sys({{"$SYS/broker/version", "headgate"}});
  EXPECT_EQ(client.take(31), std::string("\x30\x1d\0\x13", 4) + "$SYS/broker/versionheadgate");
}

}  // namespace
}  // namespace headgate::cli
