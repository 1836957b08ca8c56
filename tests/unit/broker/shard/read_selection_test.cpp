#include "broker/shard/read_selection.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"

namespace headgate::broker::shard {
namespace {

log::topic_selection_ref make(std::vector<std::string_view> filters) {
  return make_selection(filters);
}

TEST(read_selection, literal_filters_are_hashes_in_order_and_once) {
  const auto selection = make({"b", "a", "$SYS/x", "a"});
  ASSERT_TRUE(selection);
  EXPECT_FALSE(selection->matches);
  EXPECT_EQ(selection->hashes.size(), 3U);
  EXPECT_TRUE(std::is_sorted(selection->hashes.begin(), selection->hashes.end()));
  EXPECT_TRUE(may_want(*selection, base::hash_of("$SYS/x")));
  EXPECT_FALSE(may_want(*selection, base::hash_of("c")));
}

TEST(read_selection, with_a_wildcard_all_are_matched_by_their_texts) {
  std::string text = "a/+";
  const auto selection = make({text, "b"});
  text = "xxx";  // the filter went
  ASSERT_TRUE(selection);
  EXPECT_TRUE(selection->hashes.empty());
  EXPECT_TRUE(selection->matches("a/1"));
  EXPECT_TRUE(selection->matches("b"));
  EXPECT_FALSE(selection->matches("a/1/2"));
  EXPECT_FALSE(make({"+/x"})->matches("$SYS/x"));
  EXPECT_TRUE(may_want(*selection, 5));
  EXPECT_NE(make({"a/+", "b"})->text, make({"a/+b"})->text);
}

TEST(read_selection, without_filters_that_are_read_there_is_none) {
  EXPECT_FALSE(make({}));
  EXPECT_FALSE(make({std::string(5000, 'x')})) << "too long to be compared with often";
  EXPECT_FALSE(make({"$share/g/a"}));
  EXPECT_EQ(make({"$share/g/a", "a"})->hashes.size(), 1U);
}

}  // namespace
}  // namespace headgate::broker::shard
