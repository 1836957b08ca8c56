#include "broker/shard/memory_retained_store.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include "base/limits.hpp"
#include "tests/unit/broker/batches.hpp"
#include "tests/unit/broker/shard/topics.hpp"

namespace headgate::broker::shard {
namespace {

using tests::owned_message;

// A store with what fills it: one message a batch.
struct retained_bench {
  explicit retained_bench(std::uint64_t max_bytes = 1U << 30) : store(max_bytes) {}

  void put(const std::string& topic, const std::string& payload, std::uint64_t now_ms = 1000,
           std::uint32_t expiry_s = 0xffff'ffff) {
    const auto batch = tests::batch_of(builder, {{topic, 1, payload, {}, true, expiry_s}});
    auto& header = batch.header();
    header.base_offset = next;
    header.timestamp_ms = now_ms;
    std::vector<placed_record> records;
    record::for_each_record(header, [&](const auto& record) { records.push_back({&record, record::offset{next}}); });
    store.apply(batch, records, record::offset{++next});
  }
  retained_answer ask(std::string_view filter, std::string_view after = {}, std::uint32_t places = 1000,
                      std::uint32_t max_bytes = 1U << 30, std::uint64_t now_ms = 1000) {
    retained_answer answer;
    EXPECT_TRUE(store.scan({filter, after, record::offset{below}, places, max_bytes, now_ms}, answer));
    return answer;
  }
  static const record::record_header& record_of(const record::batch_ref& value) {
    return *reinterpret_cast<const record::record_header*>(&value.header() + 1);
  }
  std::vector<std::string> topics(const retained_answer& answer) const {
    std::vector<std::string> found;
    for (const auto& value : answer.values) found.emplace_back(record_of(value).topic());
    return found;
  }

  memory_retained_store store;
  record::batch_builder builder{record::producer_id{1}};
  std::uint64_t next = 0;
  std::uint64_t below = ~std::uint64_t{0};
};

using list = std::vector<std::string>;

TEST(memory_retained_store, keeps_the_last_message_of_each_topic_and_its_offset_and_time) {
  retained_bench bench;
  bench.put("b", "1", 1000);
  bench.put("a", "2", 2000);
  bench.put("b", "three", 3000);
  EXPECT_EQ(bench.store.applied(), record::offset{3});
  const auto answer = bench.ask("+");
  EXPECT_TRUE(answer.done);
  EXPECT_EQ(bench.topics(answer), (list{"a", "b"}));
  const auto& value = answer.values[1];
  EXPECT_EQ(tests::payload_of(bench.record_of(value)), "three");
  EXPECT_EQ(value.header().base_offset, 2U);
  EXPECT_EQ(value.header().timestamp_ms, 3000U);
  EXPECT_EQ(value.header().count, 1U);
  EXPECT_EQ(value.header().size, 64U + record::aligned(bench.record_of(value).size));
}

TEST(memory_retained_store, a_message_without_payload_erases) {
  retained_bench bench;
  bench.put("a", "x");
  bench.put("a", "");
  bench.put("never there", "");
  EXPECT_TRUE(bench.ask("#").values.empty());
  EXPECT_EQ(bench.store.view().bytes, 0U);
  EXPECT_EQ(bench.store.view().messages, 0U);
}

TEST(memory_retained_store, what_was_given_out_stays_as_it_was) {
  retained_bench bench;
  bench.put("a", "old");
  const auto kept = bench.ask("a");
  bench.put("a", "new");
  EXPECT_EQ(tests::payload_of(bench.record_of(kept.values[0])), "old");
  const auto later = bench.ask("a");
  EXPECT_EQ(tests::payload_of(bench.record_of(later.values[0])), "new");
}

TEST(memory_retained_store, filters_of_the_standard) {
  retained_bench bench;
  for (const auto* topic : {"sport", "sport/", "sport/a", "sport/a/b", "sports", "$SYS/x", "/x", "spor"}) {
    bench.put(topic, "x");
  }
  EXPECT_EQ(bench.topics(bench.ask("sport/#")), (list{"sport", "sport/", "sport/a", "sport/a/b"}));
  EXPECT_EQ(bench.topics(bench.ask("sport/+")), (list{"sport/", "sport/a"}));
  EXPECT_EQ(bench.topics(bench.ask("sport")), (list{"sport"}));
  EXPECT_EQ(bench.topics(bench.ask("sport/a/b/c")), list{});
  EXPECT_EQ(bench.topics(bench.ask("+/x")), (list{"/x"}));
  EXPECT_EQ(bench.topics(bench.ask("$SYS/#")), (list{"$SYS/x"}));
  // A leading wildcard never matches '$' [MQTT-4.7.2-1].
  EXPECT_EQ(bench.ask("#").values.size(), 7U);
}

TEST(memory_retained_store, leaves_out_what_is_not_below_and_what_expired) {
  retained_bench bench;
  bench.put("a", "x", 1000, 10);
  bench.put("b", "x", 1000, 11);
  bench.put("c", "x", 1000);
  bench.put("d", "x", 1000);
  bench.below = 3;
  EXPECT_EQ(bench.topics(bench.ask("#", "", 1000, 1U << 30, 10'999)), (list{"a", "b", "c"}));
  EXPECT_EQ(bench.topics(bench.ask("#", "", 1000, 1U << 30, 11'000)), (list{"b", "c"}));
  EXPECT_EQ(bench.store.view().messages, 3U) << "the expired one has gone";
  EXPECT_EQ(bench.store.view().expired, 1U);
}

TEST(memory_retained_store, goes_on_behind_the_cursor_also_behind_one_that_expired) {
  retained_bench bench;
  for (const auto* topic : {"a", "b", "c", "d"}) bench.put(topic, "x", 1000, *topic == 'b' ? 10 : 100);
  auto answer = bench.ask("#", "", 1);
  EXPECT_EQ(bench.topics(answer), (list{"a"}));
  EXPECT_EQ(answer.cursor, "a");
  EXPECT_FALSE(answer.done);
  answer = bench.ask("#", answer.cursor, 1000, 1, 50'000);
  EXPECT_EQ(bench.topics(answer), (list{"c"})) << "at least one, whatever its bytes";
  EXPECT_FALSE(answer.done);
  answer = bench.ask("#", answer.cursor, 1);
  EXPECT_EQ(bench.topics(answer), (list{"d"}));
  EXPECT_TRUE(answer.done);
}

TEST(memory_retained_store, an_answer_looks_at_so_many_topics) {
  retained_bench bench;
  for (std::size_t n = 0; n < 3 * base::retained_scan_steps; ++n) {
    bench.put("t/" + std::to_string(n), "x", 1000, n % 3 == 0 ? 1 : 1000);
  }
  bench.put("t/z/wanted", "x");
  std::string cursor;
  std::size_t answers = 1;
  for (;; ++answers) {
    const auto answer = bench.ask("+/+/wanted", cursor, 1000, 1U << 30, 5000);
    if (answer.done) {
      EXPECT_EQ(bench.topics(answer), (list{"t/z/wanted"}));
      break;
    }
    ASSERT_GT(answer.cursor, cursor);
    cursor = answer.cursor;
  }
  EXPECT_EQ(answers, 4U);
  EXPECT_EQ(bench.store.view().messages, 2 * base::retained_scan_steps + 1);
}

// The server's own messages are always there; they must not cost every subscription a scan.
TEST(memory_retained_store, is_sure_of_none_beside_topics_that_begin_otherwise) {
  retained_bench bench;
  for (const auto* filter : {"#", "+", "a", "a/#", "$SYS/#"}) EXPECT_TRUE(bench.store.surely_none(filter)) << filter;
  bench.put("$SYS/broker/uptime", "1");
  for (const auto* filter : {"#", "+/x", "a", "a/#", "a/+/b", "$SYSTEM/#", "$SYS/broker/version"}) {
    EXPECT_TRUE(bench.store.surely_none(filter)) << filter;
  }
  for (const auto* filter : {"$SYS/#", "$SYS/broker/+", "$SYS/broker/uptime"}) {
    EXPECT_FALSE(bench.store.surely_none(filter)) << filter;
  }
  bench.put("a", "2");
  for (const auto* filter : {"#", "+", "a", "a/#"}) EXPECT_FALSE(bench.store.surely_none(filter)) << filter;
  EXPECT_TRUE(bench.store.surely_none("b/#"));
  bench.put("a", "");
  bench.put("!", "3");
  EXPECT_FALSE(bench.store.surely_none("#"));
}

TEST(memory_retained_store, when_full_a_new_value_is_not_kept_nor_an_old_one_in_its_place) {
  retained_bench bench(1000);
  bench.put("a", "x");
  bench.put("b", "x", 1000, 10);
  const auto bytes = bench.store.view().bytes;
  bench.put("c", std::string(600, 'x'));
  bench.put("a", std::string(900, 'x'));
  EXPECT_EQ(bench.store.view().refused, 2U);
  EXPECT_EQ(bench.topics(bench.ask("#")), (list{"b"}));
  EXPECT_EQ(bench.store.view().bytes * 2, bytes);
  bench.put("d", "x");
  EXPECT_EQ(bench.topics(bench.ask("#")), (list{"b", "d"}));
  // Expired ones make room.
  bench.put("e", std::string(300, 'x'), 20'000);
  EXPECT_EQ(bench.topics(bench.ask("#", "", 1000, 1U << 30, 20'000)), (list{"d", "e"}));
}

TEST(memory_retained_store, property_like_a_map) {
  tests::for_each_seed([](tests::dice& dice) {
    retained_bench bench;
    struct value {
      std::string payload;
      std::uint64_t place = 0;
    };
    std::map<std::string, value> model;
    std::deque<std::pair<record::batch_ref, std::string>> held;
    for (int step = 0; step < 1000; ++step) {
      const auto topic = tests::random_topic(dice);
      const auto payload = dice.one_in(4) ? "" : std::string(dice.below(300), 'x') + std::to_string(step);
      bench.put(topic, payload);
      if (payload.empty()) {
        model.erase(topic);
      } else {
        model[topic] = {payload, bench.next - 1};
      }
      const auto filter = tests::random_filter(dice);
      bench.below = dice.one_in(2) ? bench.next : dice.below(bench.next + 1);
      std::map<std::string, value> found;
      std::string cursor;
      for (bool done = false; !done;) {
        const auto answer = bench.ask(filter, cursor, 1 + dice.below(5), dice.below(1000));
        for (const auto& one : answer.values) {
          const auto& record = bench.record_of(one);
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
        if (!mqtt::matches(filter, name) || kept.place >= bench.below) continue;
        ++expected;
        ASSERT_EQ(found[name].payload, kept.payload);
        ASSERT_EQ(found[name].place, kept.place);
      }
      ASSERT_EQ(found.size(), expected);
      const bool some =
          std::any_of(model.begin(), model.end(), [&](const auto& one) { return mqtt::matches(filter, one.first); });
      ASSERT_FALSE(some && bench.store.surely_none(filter)) << filter;
      for (const auto& [batch, text] : held) ASSERT_EQ(tests::payload_of(bench.record_of(batch)), text);
      while (held.size() > 20) held.pop_front();
    }
    ASSERT_EQ(bench.store.view().messages, model.size());
    for (const auto& [topic, kept] : model) bench.put(topic, "");
    EXPECT_EQ(bench.store.view().bytes, 0U);
  });
}

}  // namespace
}  // namespace headgate::broker::shard
