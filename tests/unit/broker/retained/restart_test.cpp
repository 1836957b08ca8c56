#include <map>

#include "tests/support/forgetful_env.hpp"
#include "tests/unit/broker/retained/engine.hpp"

namespace headgate::broker::retained {
namespace {

using tests::engine_kind;
using tests::retained_engine;
using list = std::vector<std::string>;

class retained_restart : public ::testing::Test {
 protected:
  retained_engine engine{engine_kind::durable};
};

TEST_F(retained_restart, everything_is_there_again) {
  engine.put("a", "1", {.expiry_s = 60});
  engine.put("b/c", "2");
  engine.put("b/d", "3");
  engine.put("b/d", "");
  engine.reopen();
  EXPECT_EQ(engine.store().applied(), record::offset{4});
  EXPECT_EQ(engine.store().view().messages, 2U);
  EXPECT_EQ(engine.topics(engine.ask("#")), (list{"a", "b/c"}));
  EXPECT_EQ(engine.payloads(engine.ask("b/c")), list{"2"});
  EXPECT_TRUE(engine.store().surely_none("b/d"));
  EXPECT_TRUE(engine.store().surely_none("c/#"));
  EXPECT_EQ(engine.topics(engine.ask("+", "", 1000, 1U << 30, 61'000)), list{}) << "times go on";
}

TEST_F(retained_restart, how_far_it_has_come_is_known_though_nothing_was_retained) {
  engine.put("a", "1");
  for (int n = 0; n < 10; ++n) engine.apply({{"t", 1, "not retained"}});
  engine.reopen();
  EXPECT_EQ(engine.store().applied(), record::offset{11});
}

// The shard's own place does not have to be known from its log's last batch alone.
TEST_F(retained_restart, how_far_it_has_come_is_written_now_and_then) {
  engine.put("a", "1");
  engine.ask("a");
  const auto before = engine.home->thread().view().batches;
  const std::string payload(100'000, 'x');
  for (int n = 0; n < 100; ++n) engine.apply({{"t", 1, payload}});
  engine.ask("a", "", 1);
  EXPECT_GT(engine.home->thread().view().batches, before);
  EXPECT_LE(engine.home->thread().view().batches, before + 3);
}

TEST_F(retained_restart, shards_know_their_own_by_name) {
  auto other = engine.home->make("other/0", 5);
  engine.put("a", "of main");
  EXPECT_TRUE(other->surely_none("a"));
  const auto number_of_other = other->applied();
  EXPECT_EQ(number_of_other, record::offset{0});
  other.reset();
  engine.leave();
  engine.shard_name = "new/0";
  engine.enter();
  EXPECT_EQ(engine.ask("#").values.size(), 0U);
  engine.put("a", "of new");
  engine.close();
  engine.shard_name = "main/0";
  engine.open();
  EXPECT_EQ(engine.payloads(engine.ask("#")), list{"of main"});
  engine.leave();
  engine.shard_name = "new/0";
  engine.enter();
  EXPECT_EQ(engine.payloads(engine.ask("a")), list{"of new"});
}

// They were acknowledged, and are older than anything of a log that began anew.
TEST_F(retained_restart, values_of_another_log_stay_and_are_below_everything) {
  for (int n = 0; n < 5; ++n) engine.put("old", "1");
  engine.put("both", "old");
  engine.close();
  engine.log_id = 78;
  engine.next = 0;
  engine.log.clear();
  engine.open();
  EXPECT_EQ(engine.store().applied(), record::offset{0});
  engine.below = 0;
  EXPECT_EQ(engine.topics(engine.ask("#")), (list{"both", "old"}));
  EXPECT_EQ(engine.ask("old").values[0].header().base_offset, record::nowhere.value);
  engine.put("new", "2");
  engine.put("both", "new");
  EXPECT_EQ(engine.topics(engine.ask("+")), (list{"old"})) << "those of this log are not below 0";
  engine.below = 2;
  EXPECT_EQ(engine.payloads(engine.ask("+")), (list{"new", "2", "1"}));
  engine.reopen();
  EXPECT_EQ(engine.store().applied(), record::offset{2});
  engine.below = 1;
  EXPECT_EQ(engine.topics(engine.ask("+")), (list{"new", "old"}));
}

TEST_F(retained_restart, an_unknown_format_and_damage_are_told) {
  engine.put("a", "1");
  engine.close();
  const auto directory = engine.home->options.directory;
  const auto put = [&](std::string_view key, std::string_view value) {
    auto store = rocks::open({directory});
    ASSERT_TRUE(store);
    changes changes;
    changes.put(key, value);
    ASSERT_TRUE((*store)->write(changes));
  };
  const auto error = [&] {
    const auto opened = retained_thread::open({.directory = directory});
    return opened ? std::string("none") : opened.error();
  };
  put(format_key, "2");
  EXPECT_NE(error().find("another version of Headgate"), std::string::npos);
  put(format_key, format_value);
  EXPECT_EQ(error(), "none");
  put(shard_key("main/0"), "x");
  EXPECT_NE(error().find("the shard main/0 cannot be read"), std::string::npos);
  const auto opened = retained_thread::open({.directory = "/proc/none"});
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().find("Set data_dir"), std::string::npos) << opened.error();
}

TEST_F(retained_restart, an_unreadable_value_is_passed_over_counted_and_told) {
  for (const auto* topic : {"a", "b", "c"}) engine.put(topic, "1");
  engine.close();
  {
    auto store = rocks::open({engine.home->options.directory});
    ASSERT_TRUE(store);
    changes changes;
    changes.put(value_key(1, "b"), "rubbish");
    ASSERT_TRUE((*store)->write(changes));
  }
  std::vector<std::string> told;
  engine.home->options.tell = [&](std::string_view sentence) { told.emplace_back(sentence); };
  engine.open();
  EXPECT_EQ(engine.topics(engine.ask("#")), (list{"a", "c"}));
  EXPECT_TRUE(engine.ask("b").values.empty());
  EXPECT_EQ(engine.store().view().unreadable, 2U);
  engine.put("b", "2");
  EXPECT_EQ(engine.topics(engine.ask("+")), (list{"a", "b", "c"}));
  engine.close();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told[0].find("cannot be read and are passed over"), std::string::npos);
}

// What was written and not synced goes with a power cut, whole batches with the place that they stand for; what is
// missing is in the log.
TEST(retained_power_cut, what_is_lost_is_read_from_the_log_again) {
  tests::for_each_seed([](tests::dice& dice) {
    tests::forgetful_env disk;
    retained_engine engine(engine_kind::durable);
    engine.close();
    engine.home->options.env = &disk;
    engine.open();
    std::map<std::string, std::string> model;
    std::uint64_t lost = 0;
    for (int life = 0; life < 5; ++life) {
      for (int n = 0; n < 300; ++n) {
        const auto topic = tests::random_topic(dice);
        // Now and then so much that RocksDB writes a file, which it syncs.
        const std::string payload = dice.one_in(4) ? "" : std::string(dice.one_in(50) ? 2'000'000 : 10, 'x') + topic;
        engine.put(topic, payload);
        model[topic] = payload;
        if (payload.empty()) model.erase(topic);
        if (dice.one_in(50)) engine.ask("x", std::to_string(n));
      }
      engine.close();
      disk.cut_power();
      engine.open();
      lost += engine.next - engine.store().applied().value;
      engine.replay();
      std::map<std::string, std::string> found;
      for (const auto* filter : {"#", "$s/#"}) {
        std::string cursor;
        for (bool done = false; !done;) {
          const auto answer = engine.ask(filter, cursor);
          for (const auto& value : answer.values) {
            const auto& record = engine.record_of(value);
            found.emplace(record.topic(), tests::payload_of(record));
          }
          done = answer.done;
          cursor = answer.cursor;
        }
      }
      std::erase_if(found,
                    [&](const auto& one) { return model.contains(one.first) && model[one.first] == one.second; });
      EXPECT_TRUE(found.empty());
      EXPECT_EQ(engine.store().view().messages, model.size());
    }
    EXPECT_GT(lost, 0U);
  });
}

}  // namespace
}  // namespace headgate::broker::retained
