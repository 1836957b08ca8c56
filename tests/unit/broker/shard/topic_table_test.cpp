#include "broker/shard/topic_table.hpp"

#include <map>
#include <set>
#include <string>

#include "base/hash.hpp"
#include "tests/unit/property.hpp"

namespace headgate::broker::shard {
namespace {

route made(std::uint32_t filter) {
  return {base::worker_id{0}, link::filter_id{filter}};
}

topic_entry* find(topic_table& table, const std::string& topic) {
  return table.find(base::hash_of(topic), topic);
}

topic_entry& touch(topic_table& table, const std::string& topic) {
  return table.find_or_insert(base::hash_of(topic), topic);
}

TEST(topic_table, tells_topics_of_one_hash_apart) {
  topic_table table(100);
  auto& first = table.find_or_insert(5, "first");
  auto& second = table.find_or_insert(5, "second");
  EXPECT_NE(&first, &second);
  EXPECT_EQ(table.find(5, "first"), &first);
  EXPECT_EQ(table.find(5, "second"), &second);
  EXPECT_EQ(table.find(5, "third"), nullptr);
  EXPECT_EQ(table.size(), 2U);
}

TEST(topic_table, a_new_entry_knows_nothing_also_in_a_place_used_before) {
  topic_table table(100);
  table.insert_route("before", made(1));
  find(table, "before")->wildcard_version = 77;
  table.erase_route("before", made(1));
  EXPECT_EQ(find(table, "before"), nullptr);
  const auto& entry = touch(table, "after");
  EXPECT_EQ(entry.wildcard_version, 0U);
  EXPECT_EQ(entry.wildcards, nullptr);
  EXPECT_TRUE(entry.literal.empty());
  EXPECT_EQ(entry.wildcard_bucket, wildcard_tree::bucket_of("after"));
}

TEST(topic_table, the_last_route_takes_the_entry_along_unless_a_result_is_cached) {
  topic_table table(100);
  table.insert_route("a", made(1));
  table.insert_route("a", made(2));
  table.insert_route("b", made(3));
  find(table, "b")->wildcards = std::make_unique<std::vector<route>>(1, made(9));
  table.erase_route("a", made(1));
  table.erase_route("a", made(7));
  ASSERT_NE(find(table, "a"), nullptr);
  EXPECT_EQ(find(table, "a")->literal.all().size(), 1U);
  table.erase_route("a", made(2));
  EXPECT_EQ(find(table, "a"), nullptr);
  table.erase_route("b", made(3));
  ASSERT_NE(find(table, "b"), nullptr);
  EXPECT_NE(find(table, "b")->wildcards, nullptr);
  table.erase_route("never there", made(1));
  EXPECT_EQ(table.size(), 1U);
}

TEST(topic_table, the_sweep_bounds_entries_without_routes) {
  constexpr std::uint32_t max_unrouted = 1000;
  topic_table table(max_unrouted);
  std::size_t most = 0;
  for (int n = 0; n < 50'000; ++n) {
    touch(table, "topic/" + std::to_string(n));
    most = std::max(most, table.size());
  }
  // Each insertion above the bound takes 16 steps, and every entry is spared once.
  EXPECT_GE(most, max_unrouted);
  EXPECT_LE(most, max_unrouted * 5 / 4);
}

TEST(topic_table, what_is_looked_up_again_and_again_is_spared) {
  topic_table table(100);
  touch(table, "hot");
  int lost = 0;
  for (int n = 0; n < 10'000; ++n) {
    touch(table, "cold/" + std::to_string(n));
    if (find(table, "hot") == nullptr) {
      ++lost;
      touch(table, "hot");
    }
  }
  EXPECT_EQ(lost, 0);
}

TEST(topic_table, property_entries_with_routes_never_go) {
  headgate::tests::for_each_seed([](headgate::tests::dice& dice) {
    topic_table table(50);
    std::map<std::string, std::set<std::uint32_t>> model;
    for (int step = 0; step < 20'000; ++step) {
      const auto topic = "t/" + std::to_string(dice.below(300));
      const auto filter = dice.below(3);
      switch (dice.below(5)) {
        case 0:
          table.insert_route(topic, made(filter));
          model[topic].insert(filter);
          break;
        case 1:
          table.erase_route(topic, made(filter));
          if (const auto held = model.find(topic); held != model.end()) {
            held->second.erase(filter);
            if (held->second.empty()) model.erase(held);
          }
          break;
        default:
          auto& entry = touch(table, "other/" + std::to_string(dice.below(100'000)));
          ASSERT_TRUE(entry.literal.empty());
          // Some have a cached result, which must go with them.
          if (dice.one_in(3)) entry.wildcards = std::make_unique<std::vector<route>>(1, made(9));
      }
      const auto* entry = find(table, topic);
      const auto expected = model.find(topic);
      ASSERT_EQ(entry == nullptr || entry->literal.empty(), expected == model.end()) << topic;
      if (expected != model.end()) {
        ASSERT_EQ(entry->literal.all().size(), expected->second.size());
      }
    }
    for (const auto& [topic, filters] : model) {
      const auto* entry = find(table, topic);
      ASSERT_NE(entry, nullptr) << topic;
      std::set<std::uint32_t> held;
      for (const auto& route : entry->literal.all()) held.insert(route.filter.value);
      EXPECT_EQ(held, filters);
    }
    // Up to 300 entries with routes lengthen the way of the sweep.
    EXPECT_LE(table.size(), model.size() + 50 + 100);
  });
}

}  // namespace
}  // namespace headgate::broker::shard
