// A will and what its client publishes when it is back: the will comes first, at whatever worker the client comes.

#include "base/hash.hpp"
#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

// The only shard is at the first worker, which takes what the second sends before what the third does. The client is at
// the third, and comes back at the second.
struct returning {
  // `directory`: the worker whose store has the session.
  explicit returning(std::uint16_t directory = 2) {
    while (base::hash_of(id) % 3 != directory) id += "d";
    talk.subscribe(watcher, "status", 1);
  }

  mqtt::connect packet(std::uint32_t expiry_s, int qos = 1, std::uint32_t delay_s = 0) const {
    mqtt::connect made{.session_expiry_interval_s = expiry_s};
    made.will.emplace();
    made.will->topic = "status";
    made.will->payload = base::as_bytes(std::string_view("offline"));
    made.will->qos = static_cast<mqtt::qos>(qos);
    made.will->retain = retained;
    made.will->delay_interval_s = delay_s;
    return made;
  }
  std::uint32_t come(const mqtt::connect& connect) {
    const auto client = talk.come(id, connect, mqtt::version::v5, 2);
    EXPECT_EQ(talk.hear(client), lines{"connack 00"});
    return client;
  }
  // The shard has no turns from here on. `lost`: the connection breaks, else the client's next one takes over.
  void end(std::uint32_t client, bool lost) {
    talk.stop_worker(0);
    if (lost) talk.lose(client);
  }
  // It does not wait for its CONNACK.
  std::uint32_t come_back(std::uint32_t expiry_s, int qos = 1, std::uint16_t worker = 1) {
    const auto client = talk.open(worker);
    talk.say_connect(client, id, mqtt::version::v5, {.session_expiry_interval_s = expiry_s});
    talk.say(client, conversation::publish_packet("status", "online", qos, 1, mqtt::version::v5, {}, retained));
    talk.turn();
    return client;
  }
  void expect_in_order() {
    talk.start_worker(0);
    talk.turn();
    EXPECT_EQ(payloads(), (std::vector<std::string>{"offline", "online"}));
    const auto late = talk.join("late", mqtt::version::v5);
    talk.say(late, talk.subscribe_packet(late, "status", 0));
    talk.turn();
    const auto heard = talk.hear(late);
    EXPECT_EQ(heard, retained ? (lines{"suback #7 00", "publish q0 retain status online"}) : lines{"suback #7 00"});
  }
  std::vector<std::string> payloads() {
    std::vector<std::string> all;
    const auto publishes = talk.take_publishes(watcher);
    for (const auto& publish : publishes) all.push_back(publish.payload);
    talk.acknowledge(watcher, publishes);
    return all;
  }
  void expect_nothing_held() {
    for (std::uint16_t worker = 0; worker < 3; ++worker) {
      const auto& state = talk.worker_at(worker).gateway();
      EXPECT_TRUE(state.held_back.empty());
      EXPECT_EQ(state.releases.in_use(), 0U);
      EXPECT_EQ(state.answers.in_use(), 0U);
    }
  }

  conversation talk{{}, {3, {1}}};
  std::string id = "d";
  bool retained = true;
  std::uint32_t watcher = talk.join("watcher", mqtt::version::v5);
};

constexpr std::uint32_t expiries_s[] = {0, 60};

}  // namespace

TEST(will_order, comes_before_what_its_client_publishes_next) {
  for (const auto expiry_s : expiries_s) {
    for (const bool lost : {true, false}) {
      for (const bool retained : {true, false}) {
        for (int qos = 0; qos < 2; ++qos) {
          for (std::uint16_t directory = 1; directory < 3; ++directory) {
            SCOPED_TRACE(std::to_string(expiry_s) + (lost ? " lost" : " taken over") + " qos " + std::to_string(qos));
            returning run(directory);
            run.retained = retained;
            run.end(run.come(run.packet(expiry_s, qos)), lost);
            const auto newer = run.come_back(expiry_s, qos);
            EXPECT_EQ(run.talk.hear(newer), lines{});
            run.expect_in_order();
            EXPECT_EQ(run.talk.view().gateway.takeovers_forced, 0U);
            const auto heard = run.talk.hear(newer);
            ASSERT_FALSE(heard.empty());
            EXPECT_EQ(heard.front(), expiry_s > 0 ? "connack present 00" : "connack 00");
            run.expect_nothing_held();
          }
        }
      }
    }
  }
}

// The claimer of a session that has ended publishes its will; when the claimer has gone by then, the next one may be
// elsewhere.
TEST(will_order, of_a_will_that_waited_and_whose_claimer_has_gone) {
  returning run(1);
  auto& talk = run.talk;
  talk.lose(run.come(run.packet(100, 1, 50)));
  talk.stop_worker(0);
  talk.stop_worker(1);
  const auto gone = talk.open(2);
  talk.say_connect(gone, run.id, mqtt::version::v5, {.clean_start = true, .session_expiry_interval_s = 100});
  talk.turn();
  talk.lose(gone);
  talk.start_worker(1);
  talk.turn();
  const auto newer = run.come_back(100);
  EXPECT_EQ(talk.hear(newer), lines{});
  run.expect_in_order();
  run.expect_nothing_held();
}

// Whoever wants the session meanwhile waits for it, and nobody asks again and again.
TEST(will_order, several_that_wait_for_one_session) {
  for (const bool lost : {true, false}) {
    returning run;
    auto& talk = run.talk;
    run.end(run.come(run.packet(60)), lost);
    std::vector<std::uint32_t> clients;
    for (const std::uint16_t worker : std::initializer_list<std::uint16_t>{1, 2, 1})
      clients.push_back(run.come_back(60, 1, worker));
    talk.start_worker(0);
    talk.turn();
    for (int n = 0; n < 6; ++n) talk.advance_s(1);
    int open = 0;
    for (const auto client : clients) open += talk.is_open(client) ? 1 : 0;
    EXPECT_EQ(open, 1);
    EXPECT_EQ(talk.view().gateway.clients, 2U);
    EXPECT_EQ(talk.view().gateway.wills, 1U);
    EXPECT_EQ(run.payloads().front(), "offline");
    run.expect_nothing_held();
  }
}

// Then the order is not certain, but nothing else of the session is lost: what was acknowledged is not sent again.
TEST(will_order, shard_that_does_not_answer_is_waited_for_a_second) {
  for (const bool lost : {true, false}) {
    returning run;
    auto& talk = run.talk;
    const auto older = run.come(run.packet(60));
    talk.subscribe(older, "t", 1);
    const auto publisher = talk.join("p");
    talk.publish(publisher, "t", "x", 1);
    talk.turn();
    EXPECT_EQ(talk.hear(older), lines{"publish q1 #1 t x"});
    talk.say(older, conversation::puback(1));
    talk.turn();
    run.end(older, lost);
    const auto newer = talk.come(run.id, {.session_expiry_interval_s = 60}, mqtt::version::v5, 1);
    EXPECT_EQ(talk.hear(newer), lines{});
    talk.advance_s(2);
    EXPECT_EQ(talk.hear(newer), lines{"connack present 00"});
    EXPECT_EQ(talk.view().gateway.takeovers_forced, 1U);
    talk.start_worker(0);
    talk.turn();
    EXPECT_EQ(run.payloads(), std::vector<std::string>{"offline"});
    EXPECT_EQ(talk.hear(newer), lines{});
    talk.publish(publisher, "t", "y", 1);
    talk.turn();
    // Far behind the ids of an owner that was not waited for.
    EXPECT_EQ(talk.hear(newer), lines{"publish q1 #32770 t y"});
    run.expect_nothing_held();
  }
}

TEST(will_order, worker_that_shuts_down_waits_for_no_shard) {
  returning run;
  auto& talk = run.talk;
  run.end(run.come(run.packet(60)), true);
  const auto& state = talk.worker_at(2).gateway();
  EXPECT_EQ(state.held_back.size(), 1U);
  talk.worker_at(2).letters().post([&] { talk.worker_at(2).stop(); });
  talk.turn();
  EXPECT_EQ(state.held_back.size(), 0U);
  EXPECT_EQ(state.releases.in_use(), 0U);
  const auto newer = talk.come(run.id, {.session_expiry_interval_s = 60}, mqtt::version::v5, 1);
  EXPECT_EQ(talk.hear(newer), lines{"connack present 00"});
  talk.start_worker(0);
  talk.turn();
  EXPECT_EQ(run.payloads(), std::vector<std::string>{"offline"});
}

}  // namespace headgate::worker::testing
