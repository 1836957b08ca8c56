#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <set>
#include <thread>

#include "broker/log/memory_log.hpp"
#include "broker/shard/shard_state.hpp"
#include "tests/unit/broker/retained/engine.hpp"

namespace headgate::broker::retained {
namespace {

using tests::engine_kind;
using tests::retained_engine;
using list = std::vector<std::string>;

// Questions that are with the thread while other things happen.
class retained_asking : public ::testing::Test {
 protected:
  static shard::retained_query query(std::string_view filter, std::uint64_t below = 1U << 30,
                                     std::uint64_t now_ms = 1000) {
    return {filter, {}, record::offset{below}, 1000, 1U << 30, now_ms};
  }
  bool scan(const shard::retained_query& query) { return engine.store().scan(query, answer); }

  retained_engine engine{engine_kind::durable};
  shard::retained_answer answer;
};

TEST_F(retained_asking, sees_what_was_applied_before_though_nothing_of_it_is_written_yet) {
  engine.close();
  engine.home->options.gather_ms = 60'000;
  engine.open();
  engine.put("a", "1");
  EXPECT_EQ(engine.home->thread().view().batches, 0U);
  EXPECT_EQ(engine.payloads(engine.ask("a")), list{"1"});
  EXPECT_EQ(engine.home->thread().view().batches, 1U);
}

TEST_F(retained_asking, what_many_ask_is_asked_once) {
  engine.put("a", "1");
  EXPECT_FALSE(scan(query("a")));
  EXPECT_FALSE(scan(query("a")));
  for (int asker = 0; asker < 3; ++asker) EXPECT_EQ(engine.payloads(engine.ask(query("a"))), list{"1"});
  EXPECT_EQ(engine.home->thread().view().questions, 1U);
  EXPECT_FALSE(scan(query("a", 1U << 30, 3000))) << "later others ask anew";
  EXPECT_EQ(engine.payloads(engine.ask(query("a", 1U << 30, 3000))), list{"1"});
  engine.put("a", "2");
  EXPECT_EQ(engine.payloads(engine.ask(query("a", 1U << 30, 3000))), list{"2"});
  EXPECT_EQ(engine.home->thread().view().questions, 3U);
}

TEST_F(retained_asking, one_that_nobody_came_back_for_is_asked_anew) {
  engine.put("a", "1");
  EXPECT_FALSE(scan(query("a")));
  engine.ask("b");
  engine.put("a", "2");
  EXPECT_TRUE(scan(query("a", 1U << 30, 11'000)));
  EXPECT_EQ(engine.payloads(answer), list{"1"});
  engine.put("a", "3");
  EXPECT_FALSE(scan(query("a", 1U << 30, 11'001)));
  EXPECT_EQ(engine.payloads(engine.ask(query("a", 1U << 30, 11'001))), list{"3"});
}

TEST_F(retained_asking, so_many_at_once_and_the_others_after_them) {
  for (int n = 0; n < 10; ++n) engine.put(std::to_string(n), std::to_string(n));
  const std::size_t count = 3 * max_questions;
  std::set<std::size_t> open;
  for (std::size_t n = 0; n < count; ++n) {
    EXPECT_FALSE(scan(query(n % 2 == 0 ? "5" : "+", n + 100)));
    open.insert(n);
  }
  engine.home->wait_until([&] {
    std::erase_if(open, [&](std::size_t n) {
      if (!scan(query(n % 2 == 0 ? "5" : "+", n + 100))) return false;
      EXPECT_EQ(answer.values.size(), n % 2 == 0 ? 1U : 10U);
      return true;
    });
    return open.empty();
  });
  EXPECT_EQ(engine.home->thread().view().questions, count);
}

// Notes, in the thread itself, how many questions were answered when a letter came.
class noting_waker final : public base::waker {
 public:
  explicit noting_waker(retained_thread& thread) : thread_(thread) {}
  void wake() override { answered_before = thread_.view().questions; }
  std::atomic<std::uint64_t> answered_before = 0;

 private:
  retained_thread& thread_;
};

// More than are answered before others have their turn.
TEST_F(retained_asking, long_walks_of_one_shard_let_others_pass) {
  for (int n = 0; n < 1000; ++n) engine.put("t/" + std::to_string(n), "1");
  noting_waker waker(engine.home->thread());
  base::mailbox letters(waker);
  durable_retained_store other(engine.home->thread(), "other/0", 5, letters);
  const std::size_t count = 100;
  for (std::size_t n = 0; n < count; ++n) EXPECT_FALSE(scan(query("t/+", 10'000 + n)));
  EXPECT_FALSE(other.scan(query("#"), answer));
  engine.put("t/0", "2");
  std::size_t answered = 0;
  engine.home->wait_until([&] {
    while (answered < count && scan(query("t/+", 10'000 + answered))) {
      EXPECT_EQ(answer.values.size(), 1000U);
      ++answered;
    }
    return answered == count;
  });
  EXPECT_GT(waker.answered_before, 0U);
  EXPECT_LT(waker.answered_before, count) << "the other one is not the last";
}

TEST_F(retained_asking, those_that_nobody_came_back_for_make_room) {
  for (std::size_t n = 0; n < max_questions; ++n) EXPECT_FALSE(scan(query("x", n)));
  engine.home->wait_until([&] { return engine.home->thread().view().questions == max_questions; });
  engine.ask(query("y", 1, 20'000));
  EXPECT_EQ(engine.home->thread().view().questions, max_questions + 1);
}

// The thread finds that a value has expired, and before its shard hears of it there is another one.
TEST_F(retained_asking, an_expired_topic_that_was_given_again_meanwhile_stays) {
  for (int round = 0; round < 50; ++round) {
    engine.put("a", "old", {.now_ms = 1000, .expiry_s = 10});
    engine.put("b", "old", {.now_ms = 1000, .expiry_s = 10});
    const auto expired = engine.store().view().expired;
    EXPECT_FALSE(scan(query("+", 1U << 30, 20'000 + round)));
    // The thread has found them, and its letter is on the way.
    while (engine.home->thread().view().questions == 2U * round) continue;
    engine.put("a", "new", {.now_ms = 20'000});
    EXPECT_TRUE(engine.ask(query("+", 1U << 30, 20'000 + round)).values.empty());
    EXPECT_EQ(engine.store().view().expired, expired + 1);
    EXPECT_FALSE(engine.store().surely_none("a"));
    EXPECT_TRUE(engine.store().surely_none("b"));
    EXPECT_EQ(engine.payloads(engine.ask(query("+", (1U << 30) - 1, 21'000))), list{"new"});
  }
  engine.reopen();
  EXPECT_EQ(engine.topics(engine.ask("#")), list{"a"});
}

// The whole way: a subscription's question to a shard, answered in a later turn; and a shard that starts with a store
// that lacks the end of its log.
TEST_F(retained_asking, a_shard_answers_in_a_later_turn_and_catches_up_after_a_start) {
  log::memory_log log(1U << 30, engine.log_id);
  link::worker_inbox inbox;
  shard::inboxes inboxes{&inbox};
  record::batch_builder builder{record::producer_id{1}};
  const auto retained = [&](shard::shard_state& state) {
    inbox.clear();
    const record::offset below = state.delivered;
    shard::on_retained(state, {base::worker_id{0}, 7, "t/#", "", below, 1000, 1U << 30}, base::wall_ms{1}, inboxes);
    const auto count = [&](auto is_one) {
      return static_cast<std::size_t>(std::count_if(inbox.messages.begin(), inbox.messages.end(), is_one));
    };
    engine.home->wait_until([&] {
      shard::run_turn(state, {base::monotonic_ms{1}, base::wall_ms{1}}, inboxes);
      return count([](const auto& one) { return std::holds_alternative<link::retained_end>(one); }) == 1;
    });
    return count([](const auto& one) { return std::holds_alternative<link::retained_message>(one); });
  };
  const auto publish = [&](shard::retained_store& store, int first, int end) {
    shard::shard_state state(base::shard_id{0}, log, store, 1000);
    for (int n = first; n < end; ++n) {
      const auto topic = "t/" + std::to_string(n);
      const auto batch = tests::batch_of(builder, {tests::owned_message{topic, 1, "x", {}, true}});
      shard::on_publish_batch(state, {base::worker_id{0}, batch}, base::wall_ms{1}, inboxes);
    }
  };
  publish(engine.store(), 0, 50);
  engine.leave();
  // Behind the back of the store, as if the process had been killed before it was written.
  shard::memory_retained_store other(1U << 30);
  publish(other, 50, 100);
  engine.enter();
  EXPECT_EQ(engine.store().applied(), record::offset{50});
  shard::shard_state state(base::shard_id{0}, log, engine.store(), 1000);
  EXPECT_EQ(retained(state), 100U);
  EXPECT_EQ(engine.store().applied(), record::offset{100});
}

TEST_F(retained_asking, a_store_that_goes_hears_no_answer) {
  engine.put("a", "1");
  EXPECT_FALSE(scan(query("a")));
  engine.leave();
  engine.home->wait_until([] { return true; });
  engine.enter();
  EXPECT_EQ(engine.payloads(engine.ask("a")), list{"1"});
}

// Many shards of one process, each from its own thread.
TEST(retained_shards, each_from_its_own_thread) {
  tests::retained_home home;
  home.open();
  std::vector<std::thread> workers;
  for (int worker = 0; worker < 3; ++worker) {
    workers.emplace_back([&home, worker] {
      tests::bell bell;
      base::mailbox letters(bell);
      for (int life = 0; life < 3; ++life) {
        durable_retained_store store(home.thread(), "main/" + std::to_string(worker), 77, letters);
        record::batch_builder builder{record::producer_id{1}};
        auto next = store.applied().value;
        ASSERT_EQ(next, static_cast<std::uint64_t>(life) * 300);
        for (int n = 0; n < 300; ++n) {
          auto batch = tests::batch_of(builder, {{"t/" + std::to_string(n), 1, std::to_string(worker), {}, true}});
          batch.header().base_offset = next;
          record::for_each_record(batch.header(), [&](const record::record_header& record) {
            const shard::placed_record placed{&record, record::offset{next}};
            store.apply(batch, {&placed, 1}, record::offset{next + 1});
          });
          ++next;
          if (n % 50 != 0) continue;
          shard::retained_answer answer;
          const shard::retained_query query{"t/+", "", record::offset{next}, 1000, 1U << 30, 1000};
          while (!store.scan(query, answer)) {
            bell.wait();
            letters.run_all();
          }
          ASSERT_EQ(answer.values.size(), life == 0 ? static_cast<std::size_t>(n) + 1 : 300U);
          for (const auto& value : answer.values) {
            ASSERT_EQ(tests::payload_of(retained_engine::record_of(value)), std::to_string(worker));
          }
        }
      }
    });
  }
  for (auto& worker : workers) worker.join();
  home.close();
}

// Whatever is under way when, the store ends up with what a map has.
TEST(retained_asking_model, property_questions_and_changes_in_any_order) {
  tests::for_each_seed([](tests::dice& dice) {
    retained_engine engine(engine_kind::durable);
    struct value {
      std::string payload;
      std::uint64_t expires_ms = 0;
    };
    std::map<std::string, value> model;
    std::deque<shard::retained_query> open;
    std::uint64_t now_ms = 1000;
    std::uint64_t below = 1U << 30;
    shard::retained_answer answer;
    for (int step = 0; step < 5000; ++step) {
      now_ms += dice.below(100);
      const auto topic = tests::random_topic(dice);
      const auto expiry_s = dice.below(4);
      const auto payload = dice.one_in(5) ? "" : std::to_string(step);
      engine.put(topic, payload, {.now_ms = now_ms, .expiry_s = expiry_s});
      model[topic] = {payload, now_ms + std::uint64_t{expiry_s} * 1000};
      if (payload.empty()) model.erase(topic);
      if (dice.one_in(3)) open.push_back({"#", "", record::offset{++below}, 1000, 1U << 30, now_ms});
      for (const auto& query : open) engine.store().scan(query, answer);
      if (dice.one_in(3)) engine.home->wait_until([] { return true; });
      while (!open.empty() && engine.store().scan(open.front(), answer)) open.pop_front();
    }
    for (const auto* filter : {"#", "$s/#", "#", "$s/#"}) {
      std::map<std::string, std::string> found;
      for (const auto& one : engine.ask({filter, "", record::offset{++below}, 1000, 1U << 30, now_ms}).values) {
        const auto& record = engine.record_of(one);
        found.emplace(record.topic(), tests::payload_of(record));
      }
      std::map<std::string, std::string> expected;
      for (const auto& [topic, kept] : model) {
        if (mqtt::matches(filter, topic) && now_ms < kept.expires_ms) expected.emplace(topic, kept.payload);
      }
      ASSERT_EQ(found, expected);
    }
    std::erase_if(model, [&](const auto& one) { return now_ms >= one.second.expires_ms; });
    EXPECT_EQ(engine.store().view().messages, model.size());
    engine.reopen();
    EXPECT_EQ(engine.store().view().messages, model.size());
    EXPECT_EQ(engine.ask("#").values.size() + engine.ask("$s/#").values.size(), model.size());
  });
}

}  // namespace
}  // namespace headgate::broker::retained
