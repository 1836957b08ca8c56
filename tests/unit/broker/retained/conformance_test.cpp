#include <algorithm>
#include <deque>
#include <map>

#include "base/limits.hpp"
#include "tests/unit/broker/retained/engine.hpp"

namespace headgate::broker::retained {
namespace {

using tests::engine_kind;
using tests::retained_engine;
using list = std::vector<std::string>;

// What every engine of the port means.
class retained_conformance : public ::testing::TestWithParam<engine_kind> {
 protected:
  retained_engine engine{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(engines, retained_conformance, ::testing::Values(engine_kind::memory, engine_kind::durable),
                         ::testing::PrintToStringParamName());

TEST_P(retained_conformance, keeps_the_last_message_of_each_topic_and_its_offset_and_time) {
  engine.put("b", "1", {.now_ms = 1000});
  engine.put("a", "2", {.now_ms = 2000});
  engine.put("b", "three", {.now_ms = 3000});
  EXPECT_EQ(engine.store().applied(), record::offset{3});
  const auto answer = engine.ask("+");
  EXPECT_TRUE(answer.done);
  EXPECT_EQ(engine.topics(answer), (list{"a", "b"}));
  const auto& value = answer.values[1];
  EXPECT_EQ(tests::payload_of(engine.record_of(value)), "three");
  EXPECT_EQ(value.header().base_offset, 2U);
  EXPECT_EQ(value.header().timestamp_ms, 3000U);
  EXPECT_EQ(value.header().count, 1U);
  EXPECT_EQ(value.header().size, 64U + record::aligned(engine.record_of(value).size));
}

TEST_P(retained_conformance, a_record_is_given_as_it_came) {
  engine.apply({{"x", 1, "no"}, {"a", 2, std::string(100'000, 'p'), "properties", true, 60}, {"b", 0, "q", {}, true}});
  const auto answer = engine.ask("#");
  ASSERT_EQ(engine.topics(answer), (list{"a", "b"}));
  const auto& record = engine.record_of(answer.values[0]);
  EXPECT_EQ(answer.values[0].header().base_offset, 1U);
  EXPECT_EQ(record.qos(), 2);
  EXPECT_TRUE(record.is_retained());
  EXPECT_EQ(record.expiry_s, 60U);
  EXPECT_EQ(record.offset_delta, 0U);
  EXPECT_EQ(record.topic_hash, base::hash_of("a"));
  EXPECT_EQ(record.publisher_hash, 7U);
  EXPECT_EQ(base::as_text(record.properties()), "properties");
  EXPECT_EQ(tests::payload_of(record), std::string(100'000, 'p'));
  EXPECT_EQ(engine.record_of(answer.values[1]).qos(), 0);
}

TEST_P(retained_conformance, a_message_without_payload_erases) {
  engine.put("a", "x");
  engine.put("a", "");
  engine.put("never there", "");
  EXPECT_TRUE(engine.ask("#").values.empty());
  EXPECT_TRUE(engine.ask("a").values.empty());
  EXPECT_EQ(engine.store().view().messages, 0U);
}

TEST_P(retained_conformance, what_was_given_out_stays_as_it_was) {
  engine.put("a", "old");
  const auto kept = engine.ask("a");
  engine.put("a", "new");
  EXPECT_EQ(engine.payloads(kept), list{"old"});
  EXPECT_EQ(engine.payloads(engine.ask("a")), list{"new"});
}

TEST_P(retained_conformance, filters_of_the_standard) {
  for (const auto* topic : {"sport", "sport/", "sport/a", "sport/a/b", "sports", "$SYS/x", "/x", "spor", "sport-a"}) {
    engine.put(topic, "x");
  }
  EXPECT_EQ(engine.topics(engine.ask("sport/#")), (list{"sport", "sport/", "sport/a", "sport/a/b"}));
  EXPECT_EQ(engine.topics(engine.ask("sport/+")), (list{"sport/", "sport/a"}));
  EXPECT_EQ(engine.topics(engine.ask("sport")), (list{"sport"}));
  EXPECT_EQ(engine.topics(engine.ask("sport/a/b/c")), list{});
  EXPECT_EQ(engine.topics(engine.ask("+/x")), (list{"/x"}));
  EXPECT_EQ(engine.topics(engine.ask("+/a/+")), (list{"sport/a/b"}));
  EXPECT_EQ(engine.topics(engine.ask("$SYS/#")), (list{"$SYS/x"}));
  // A leading wildcard never matches '$' [MQTT-4.7.2-1].
  EXPECT_EQ(engine.ask("#").values.size(), 8U);
}

TEST_P(retained_conformance, leaves_out_what_is_not_below_and_what_expired) {
  engine.put("a", "x", {.expiry_s = 10});
  engine.put("b", "x", {.expiry_s = 11});
  engine.put("c", "x");
  engine.put("d", "x");
  engine.below = 3;
  EXPECT_EQ(engine.topics(engine.ask("#", "", 1000, 1U << 30, 10'999)), (list{"a", "b", "c"}));
  EXPECT_EQ(engine.topics(engine.ask("#", "", 999, 1U << 30, 11'000)), (list{"b", "c"}));
  EXPECT_EQ(engine.store().view().messages, 3U) << "the expired one has gone";
  EXPECT_EQ(engine.store().view().expired, 1U);
  EXPECT_EQ(engine.topics(engine.ask("b", "", 1000, 1U << 30, 12'000)), list{});
  EXPECT_EQ(engine.topics(engine.ask("d")), list{});
}

TEST_P(retained_conformance, goes_on_behind_the_cursor_also_behind_one_that_expired) {
  for (const auto* topic : {"a", "b", "c", "d"}) engine.put(topic, "x", {.expiry_s = *topic == 'b' ? 10U : 100U});
  auto answer = engine.ask("#", "", 1);
  EXPECT_EQ(engine.topics(answer), (list{"a"}));
  EXPECT_EQ(answer.cursor, "a");
  EXPECT_FALSE(answer.done);
  answer = engine.ask("#", answer.cursor, 1000, 1, 50'000);
  EXPECT_EQ(engine.topics(answer), (list{"c"})) << "at least one, whatever its bytes";
  EXPECT_FALSE(answer.done);
  answer = engine.ask("#", answer.cursor, 1);
  EXPECT_EQ(engine.topics(answer), (list{"d"}));
  EXPECT_TRUE(answer.done);
}

TEST_P(retained_conformance, an_answer_looks_at_so_many_topics) {
  const auto count = 3 * base::retained_scan_steps;
  for (std::size_t n = 0; n < count; ++n) engine.put("t/" + std::to_string(n) + "/wanted-not", "x", {.expiry_s = 1});
  engine.put("t/z/wanted", "x");
  std::string cursor;
  std::size_t answers = 1;
  // Of another first level there is nothing, so nothing can be passed over.
  for (;; ++answers) {
    const auto answer = engine.ask("+/+/+", cursor, 1000, 1U << 30, 5000);
    if (answer.done) {
      EXPECT_EQ(engine.topics(answer), (list{"t/z/wanted"}));
      break;
    }
    EXPECT_TRUE(answer.values.empty());
    ASSERT_GT(answer.cursor, cursor);
    cursor = answer.cursor;
  }
  EXPECT_EQ(answers, 4U);
  EXPECT_EQ(engine.store().view().messages, 1U);
  EXPECT_EQ(engine.store().view().expired, count);
}

// The server's own messages are always there; they must not cost every subscription a scan.
TEST_P(retained_conformance, is_sure_of_none_beside_topics_that_begin_otherwise) {
  auto& store = engine.store();
  for (const auto* filter : {"#", "+", "a", "a/#", "$SYS/#"}) EXPECT_TRUE(store.surely_none(filter)) << filter;
  engine.put("$SYS/broker/uptime", "1");
  for (const auto* filter : {"#", "+/x", "a", "a/#", "a/+/b", "$SYSTEM/#", "$SYS/broker/version"}) {
    EXPECT_TRUE(store.surely_none(filter)) << filter;
  }
  for (const auto* filter : {"$SYS/#", "$SYS/broker/+", "$SYS/broker/uptime"}) {
    EXPECT_FALSE(store.surely_none(filter)) << filter;
  }
  engine.put("a", "2");
  for (const auto* filter : {"#", "+", "a", "a/#"}) EXPECT_FALSE(store.surely_none(filter)) << filter;
  EXPECT_TRUE(store.surely_none("b/#"));
  engine.put("a", "");
  EXPECT_TRUE(store.surely_none("#"));
  engine.put("!", "3");
  EXPECT_FALSE(store.surely_none("#"));
}

TEST_P(retained_conformance, property_like_a_map) {
  tests::for_each_seed([](tests::dice& dice) {
    retained_engine engine(GetParam());
    struct value {
      std::string payload;
      std::uint64_t place = 0;
      std::uint64_t expires_ms = 0;
    };
    std::map<std::string, value> model;
    std::deque<std::pair<record::batch_ref, std::string>> held;
    std::uint64_t now_ms = 1000;
    for (int step = 0; step < 1000; ++step) {
      now_ms += dice.below(300);
      for (auto puts = dice.below(4); puts > 0; --puts) {
        const auto topic = tests::random_topic(dice);
        const auto payload = dice.one_in(4) ? "" : std::string(dice.below(300), 'x') + std::to_string(step);
        const auto expiry_s = dice.one_in(3) ? dice.below(60) : 0xffff'ffff;
        engine.put(topic, payload, {.now_ms = now_ms, .expiry_s = expiry_s});
        if (payload.empty()) {
          model.erase(topic);
        } else {
          model[topic] = {payload, engine.next - 1, now_ms + std::uint64_t{expiry_s} * 1000};
        }
      }
      if (engine.home && dice.one_in(100)) engine.reopen();
      const auto filter = tests::random_filter(dice);
      engine.below = dice.one_in(2) ? engine.next : dice.below(engine.next + 1);
      std::map<std::string, value> found;
      std::string cursor;
      for (bool done = false; !done;) {
        const auto answer = engine.ask(filter, cursor, 1 + dice.below(5), dice.below(1000), now_ms);
        for (const auto& one : answer.values) {
          const auto& record = engine.record_of(one);
          ASSERT_GT(std::string(record.topic()), found.empty() ? "" : found.rbegin()->first);
          found[std::string(record.topic())] = {tests::payload_of(record), one.header().base_offset};
          if (dice.one_in(10)) held.emplace_back(one, tests::payload_of(record));
        }
        done = answer.done;
        cursor = answer.cursor;
        ASSERT_EQ(done, cursor.empty());
      }
      std::size_t expected = 0;
      for (const auto& [name, kept] : model) {
        if (!mqtt::matches(filter, name) || kept.place >= engine.below || now_ms >= kept.expires_ms) continue;
        ++expected;
        ASSERT_EQ(found[name].payload, kept.payload) << name << " for " << filter;
        ASSERT_EQ(found[name].place, kept.place);
      }
      ASSERT_EQ(found.size(), expected) << filter;
      const bool some = std::any_of(model.begin(), model.end(), [&](const auto& one) {
        return mqtt::matches(filter, one.first) && now_ms < one.second.expires_ms;
      });
      ASSERT_FALSE(some && engine.store().surely_none(filter)) << filter;
      for (const auto& [batch, text] : held) ASSERT_EQ(tests::payload_of(engine.record_of(batch)), text);
      while (held.size() > 20) held.pop_front();
    }
    for (const auto* all : {"#", "$s/#"}) {
      for (std::string cursor; !engine.ask(all, cursor, 1000, 1U << 30, now_ms + 60'000).done;) cursor = "z";
    }
    const auto forever = std::count_if(model.begin(), model.end(),
                                       [&](const auto& one) { return one.second.expires_ms > now_ms + 60'000; });
    ASSERT_EQ(engine.store().view().messages, static_cast<std::size_t>(forever));
  });
}

}  // namespace
}  // namespace headgate::broker::retained
