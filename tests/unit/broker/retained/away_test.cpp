#include <map>
#include <mutex>

#include "broker/log/memory_log.hpp"
#include "broker/shard/shard_state.hpp"
#include "tests/support/forgetful_env.hpp"
#include "tests/unit/broker/retained/engine.hpp"

namespace headgate::broker::retained {
namespace {

using tests::engine_kind;
using tests::forgetful_env;
using tests::owned_message;
using tests::retained_engine;
using list = std::vector<std::string>;

// A store whose disk a test breaks and repairs.
class retained_away : public ::testing::Test {
 protected:
  retained_away() {
    engine.close();
    auto& options = engine.home->options;
    options.env = &disk;
    options.retry_ms = 1;
    options.tell = [&](std::string_view sentence) {
      const std::lock_guard lock(mutex);
      told.emplace_back(sentence);
    };
    engine.open();
  }
  void break_disk() { disk.writes_left = 0; }
  void repair_disk() { disk.writes_left = forgetful_env::any_number; }
  void wait_until_written() {
    // Each question is answered behind another attempt.
    for (int n = 0; engine.store().view().away; ++n) engine.ask("x", std::to_string(n));
  }
  std::size_t times_told(std::string_view part) {
    const std::lock_guard lock(mutex);
    return static_cast<std::size_t>(
        std::count_if(told.begin(), told.end(), [&](const auto& one) { return one.find(part) != std::string::npos; }));
  }

  forgetful_env disk;
  std::mutex mutex;
  std::vector<std::string> told;
  retained_engine engine{engine_kind::durable};
};

TEST_F(retained_away, what_is_applied_is_kept_and_found_and_written_later) {
  for (const auto* topic : {"a", "b", "c/d"}) engine.put(topic, "old");
  engine.ask("a");
  break_disk();
  engine.put("b", "new");
  engine.put("a", "");
  engine.put("e", "new");
  EXPECT_EQ(engine.payloads(engine.ask("#")), (list{"new", "old", "new"}));
  EXPECT_EQ(engine.topics(engine.ask("#", "b", 1)), (list{"c/d"}));
  EXPECT_EQ(engine.payloads(engine.ask("b")), list{"new"});
  EXPECT_TRUE(engine.ask("a").values.empty());
  EXPECT_EQ(engine.store().applied(), record::offset{6}) << "live messages and subscribers do not wait";
  auto view = engine.store().view();
  EXPECT_TRUE(view.away);
  EXPECT_GT(view.waiting_bytes, 0U);
  EXPECT_EQ(view.messages, 3U);
  EXPECT_EQ(times_told("the test has broken the disk"), 1U);
  engine.put("f", "more");
  EXPECT_EQ(engine.payloads(engine.ask("f")), list{"more"});
  repair_disk();
  wait_until_written();
  EXPECT_EQ(times_told("written again"), 1U);
  view = engine.store().view();
  EXPECT_EQ(view.waiting_bytes, 0U);
  engine.put("g", "after");
  engine.reopen();
  EXPECT_EQ(engine.store().applied(), record::offset{8});
  EXPECT_EQ(engine.payloads(engine.ask("+")), (list{"new", "new", "more", "after"}));
  EXPECT_EQ(times_told("cannot be written"), 1U);
}

TEST_F(retained_away, process_ends_though_the_disk_does_not_come_back) {
  engine.put("a", "1");
  engine.ask("a");
  break_disk();
  engine.put("a", "2");
  engine.put("b", "2");
  engine.close();
  repair_disk();
  engine.open();
  EXPECT_EQ(engine.store().applied(), record::offset{1});
  EXPECT_EQ(engine.payloads(engine.ask("#")), list{"1"});
  engine.replay();
  EXPECT_EQ(engine.payloads(engine.ask("+")), (list{"2", "2"}));
}

// A shard whose store has no room goes on delivering, and gives it what it had to leave out from the log.
TEST_F(retained_away, what_finds_no_room_comes_from_the_log) {
  engine.close();
  engine.home->options.max_waiting_bytes = 4096;
  engine.open();
  log::memory_log log(1U << 30, engine.log_id);
  shard::shard_state state(base::shard_id{0}, log, engine.store(), 1000);
  link::worker_inbox inbox;
  shard::inboxes inboxes{&inbox};
  record::batch_builder builder{record::producer_id{1}};
  break_disk();
  for (int n = 0; n < 500; ++n) {
    const auto batch =
        tests::batch_of(builder, {owned_message{"t/" + std::to_string(n % 100), 1, std::to_string(n), {}, true}});
    shard::on_publish_batch(state, {base::worker_id{0}, batch}, base::wall_ms{1}, inboxes);
    shard::run_turn(state, {base::monotonic_ms{1}, base::wall_ms{1}}, inboxes);
  }
  EXPECT_EQ(state.delivered, record::offset{500});
  EXPECT_LT(engine.store().applied(), record::offset{500});
  EXPECT_FALSE(engine.store().has_room());
  EXPECT_FALSE(shard::wants_turn(state)) << "the store wakes it";
  EXPECT_LT(engine.store().view().waiting_bytes, 3 * 4096U);
  repair_disk();
  engine.home->wait_until([&] {
    shard::run_turn(state, {base::monotonic_ms{1}, base::wall_ms{1}}, inboxes);
    return engine.store().applied() == state.delivered;
  });
  const auto answer = engine.ask("t/+");
  ASSERT_EQ(answer.values.size(), 100U);
  for (const auto& value : answer.values) EXPECT_GE(value.header().base_offset, 400U);
}

// Enough of a disk to close the database, and not to open it again: then nothing can be read, and questions wait.
TEST_F(retained_away, questions_wait_for_a_database_that_is_closed) {
  engine.put("a", "old");
  engine.ask("a");
  for (int writes = 3; writes < 9; ++writes) {
    break_disk();
    engine.put("a", std::to_string(writes));
    EXPECT_EQ(engine.payloads(engine.ask("a")), list{std::to_string(writes)});
    disk.writes_left = writes;
    while (disk.writes_left > 0) continue;
    engine.put("b", std::to_string(writes));
    shard::retained_answer answer;
    const shard::retained_query query{"+", "", record::offset{1000}, 1000, 1U << 30, 1000};
    engine.store().scan(query, answer);
    repair_disk();
    EXPECT_EQ(engine.payloads(engine.ask(query)), (list{std::to_string(writes), std::to_string(writes)}));
    wait_until_written();
  }
  engine.reopen();
  EXPECT_EQ(engine.payloads(engine.ask("+")), (list{"8", "8"}));
}

TEST_F(retained_away, expired_ones_go_when_it_is_back) {
  engine.put("a", "1", {.expiry_s = 10});
  engine.put("b", "1");
  engine.ask("a");
  break_disk();
  engine.put("b", "2");
  engine.ask("b");
  EXPECT_EQ(engine.topics(engine.ask("#", "", 1000, 1000, 20'000)), list{"b"});
  EXPECT_EQ(engine.store().view().messages, 1U);
  EXPECT_EQ(engine.topics(engine.ask("#", "", 1000, 1000, 1000)), list{"b"}) << "removed for good";
  repair_disk();
  wait_until_written();
  engine.reopen();
  EXPECT_EQ(engine.store().view().messages, 1U);
}

// Whichever write fails, nothing is missing and nothing is wrong, neither while the disk is broken nor when it is back
// nor after a restart.
TEST(retained_nth_write, fails_and_nothing_is_lost) {
  for (int n = 0; n < 60; ++n) {
    SCOPED_TRACE("write " + std::to_string(n));
    forgetful_env disk;
    tests::dice dice(static_cast<std::uint64_t>(n));
    retained_engine engine(engine_kind::durable);
    engine.close();
    engine.home->options.env = &disk;
    engine.home->options.retry_ms = 1;
    engine.open();
    std::map<std::string, std::string> model;
    const auto change_some = [&] {
      for (int change = 0; change < 10; ++change) {
        const auto topic = tests::random_topic(dice);
        const auto payload = dice.one_in(3) ? "" : std::to_string(dice.below(1000));
        engine.put(topic, payload);
        model[topic] = payload;
        if (payload.empty()) model.erase(topic);
      }
    };
    const auto compare = [&] {
      std::map<std::string, std::string> found;
      for (const auto* filter : {"#", "$s/#"}) {
        const auto answer = engine.ask(filter);
        ASSERT_TRUE(answer.done);
        for (const auto& value : answer.values) {
          const auto& record = engine.record_of(value);
          found.emplace(record.topic(), tests::payload_of(record));
        }
      }
      ASSERT_EQ(found, model);
      ASSERT_EQ(engine.store().view().messages, model.size());
    };
    change_some();
    disk.writes_left = n;
    for (int round = 0; round < 20; ++round) {
      change_some();
      ASSERT_NO_FATAL_FAILURE(compare());
    }
    disk.writes_left = forgetful_env::any_number;
    change_some();
    ASSERT_NO_FATAL_FAILURE(compare());
    if (n % 2 == 0) {
      for (int question = 0; engine.store().view().away; ++question) engine.ask("x", std::to_string(question));
    }
    engine.reopen();
    engine.replay();
    ASSERT_NO_FATAL_FAILURE(compare());
  }
}

}  // namespace
}  // namespace headgate::broker::retained
