#include "proxy/gateway/filter_table.hpp"

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "tests/unit/property.hpp"

namespace headgate::proxy::gateway {
namespace {

TEST(filter_table, a_number_is_free_after_release_only_and_the_oldest_is_used_first) {
  filter_table table;
  const auto a = table.insert("a");
  const auto b = table.insert("b");
  table.hide(a);
  EXPECT_EQ(table.find("a"), filter_table::none);
  EXPECT_EQ(table[a].text.view(), "a");
  EXPECT_EQ(table.size(), 1U);
  // The same text may come again before the shards forgot its old number.
  const auto again = table.insert("a");
  EXPECT_NE(again, a);
  EXPECT_NE(again, b);
  EXPECT_EQ(table.find("a"), again);
  table.hide(b);
  table.release(b);
  table.release(a);
  EXPECT_EQ(table.insert("c"), b);
  EXPECT_EQ(table.insert("d"), a);
  EXPECT_EQ(table.find("a"), again);
}

TEST(filter_table, property_like_a_map_of_texts) {
  tests::for_each_seed([](tests::dice& dice) {
    filter_table table;
    std::map<std::string, std::uint32_t> found;
    std::vector<std::uint32_t> hidden;
    std::deque<std::uint32_t> free;
    std::uint32_t next = 0;
    for (int step = 0; step < 20'000; ++step) {
      // Short ones and ones that stand on the heap.
      const auto text = std::string(dice.one_in(2) ? "" : "a/rather/long/filter/for/") + std::to_string(dice.below(40));
      const auto held = found.find(text);
      ASSERT_EQ(table.find(text), held == found.end() ? filter_table::none : held->second);
      if (held == found.end()) {
        const auto id = table.insert(text);
        if (free.empty()) {
          ASSERT_EQ(id, next++);
        } else {
          ASSERT_EQ(id, free.front());
          free.pop_front();
        }
        ASSERT_TRUE(table[id].subscribers.empty());
        found[text] = id;
      } else {
        ASSERT_EQ(table[held->second].text.view(), text);
        table.hide(held->second);
        hidden.push_back(held->second);
        found.erase(held);
      }
      if (!hidden.empty() && dice.one_in(3)) {
        const auto place = dice.below(hidden.size());
        table.release(hidden[place]);
        free.push_back(hidden[place]);
        hidden.erase(hidden.begin() + place);
      }
      ASSERT_EQ(table.size(), found.size());
    }
  });
}

}  // namespace
}  // namespace headgate::proxy::gateway
