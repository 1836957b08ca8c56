#include "mqtt/topic.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/unit/mqtt/packets.hpp"

namespace headgate::mqtt {
namespace {

std::string levels(std::size_t count) {
  std::string text = "a";
  for (std::size_t i = 1; i < count; ++i) text += "/a";
  return text;
}

TEST(topic_name, good_ones) {
  for (const auto* topic :
       {"a", "/", "//", "a/b", "/a", "a/", "$SYS/uptime", "a b", "sensors/temperature/17", "h\u00e9/\u20ac"}) {
    EXPECT_EQ(check_topic_name(topic), topic_check::good) << topic;
    EXPECT_EQ(find_topic_name_error(base::as_bytes(topic)), std::nullopt) << topic;
  }
}

TEST(topic_name, MQTT_4_7_3_1_is_not_empty) {
  EXPECT_EQ(check_topic_name(""), topic_check::empty);
  EXPECT_EQ(find_topic_name_error({}), errc::topic_empty);
}

TEST(topic_name, MQTT_3_3_2_2_has_no_wildcard_anywhere) {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char wildcard : {'+', '#'}) {
        std::string topic(size, 'x');
        topic[at] = wildcard;
        topic.shrink_to_fit();
        ASSERT_EQ(check_topic_name(topic), topic_check::has_wildcard);
        ASSERT_EQ(find_topic_name_error(base::as_bytes(topic)), errc::topic_has_wildcard);
      }
    }
  }
}

TEST(topic_name, every_other_byte_of_ascii_is_plain) {
  for (int c = 1; c < 0x80; ++c) {
    if (c == '+' || c == '#') continue;
    const std::string topic(17, static_cast<char>(c));
    ASSERT_EQ(check_topic_name(topic), topic_check::good) << c;
    ASSERT_EQ(find_topic_name_error(base::as_bytes(topic)), std::nullopt) << c;
  }
}

TEST(topic_name, MQTT_1_5_4_its_text_is_checked_in_the_same_pass) {
  for (std::size_t size = 1; size < 30; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string topic(size, 'x');
      topic[at] = '\xff';
      ASSERT_EQ(find_topic_name_error(base::as_bytes(topic)), errc::string_not_utf8);
      topic[at] = '\0';
      ASSERT_EQ(find_topic_name_error(base::as_bytes(topic)), errc::string_has_nul);
    }
  }
  EXPECT_EQ(find_topic_name_error(base::as_bytes("h\u00e9llo w\u00f6rld/+")), errc::topic_has_wildcard);
}

TEST(topic_name, has_a_limit_of_levels) {
  EXPECT_EQ(check_topic_name(levels(max_topic_levels)), topic_check::good);
  EXPECT_EQ(check_topic_name(levels(max_topic_levels + 1)), topic_check::too_many_levels);
  EXPECT_EQ(check_topic_name(std::string(max_topic_levels - 1, '/')), topic_check::good);
  EXPECT_EQ(check_topic_name(std::string(max_topic_levels, '/')), topic_check::too_many_levels);
  EXPECT_EQ(find_topic_name_error(base::as_bytes(levels(max_topic_levels + 1))), errc::topic_too_many_levels);
}

TEST(topic_filter, good_ones) {
  for (const auto* filter :
       {"a", "/", "#", "+", "/#", "+/", "/+", "+/+", "a/#", "a/+", "a/+/b", "+/a/#", "$SYS/#", "a//#", "$share"}) {
    EXPECT_TRUE(is_valid_topic_filter(filter)) << filter;
  }
}

TEST(topic_filter, MQTT_4_7_3_1_is_not_empty) {
  EXPECT_FALSE(is_valid_topic_filter(""));
}

TEST(topic_filter, MQTT_4_7_1_1_multi_level_wildcard_is_alone_and_last) {
  for (const auto* filter : {"a#", "#a", "a/#/b", "#/", "#/a", "a/b#", "##", "/##", "+#", "#+"}) {
    EXPECT_FALSE(is_valid_topic_filter(filter)) << filter;
  }
}

TEST(topic_filter, MQTT_4_7_1_2_single_level_wildcard_is_alone_in_its_level) {
  for (const auto* filter : {"a+", "+a", "a/+b", "a/b+", "++", "a/++", "+a/b"}) {
    EXPECT_FALSE(is_valid_topic_filter(filter)) << filter;
  }
}

TEST(topic_filter, has_a_limit_of_levels) {
  EXPECT_TRUE(is_valid_topic_filter(levels(max_topic_levels)));
  EXPECT_FALSE(is_valid_topic_filter(levels(max_topic_levels) + "/#"));
}

TEST(topic_filter, wildcards_are_found) {
  EXPECT_FALSE(has_wildcard("a/b"));
  EXPECT_TRUE(has_wildcard("a/+/b"));
  EXPECT_TRUE(has_wildcard("a/#"));
}

TEST(shared_filter, MQTT_4_8_2_parts) {
  const auto parts = split_shared_filter("$share/group/a/+/#");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->share_name, "group");
  EXPECT_EQ(parts->filter, "a/+/#");
  EXPECT_TRUE(is_shared_filter("$share/g//"));
  for (const auto* filter : {"$share", "$shared/a/b", "$SHARE/a/b", "share/a/b", "/$share/a/b", "#"}) {
    EXPECT_FALSE(is_shared_filter(filter)) << filter;
    EXPECT_TRUE(is_valid_subscription_filter(filter, version::v5)) << filter;
  }
}

TEST(shared_filter, MQTT_4_8_2_1_and_2_name_and_filter) {
  for (const auto* filter : {"$share/", "$share//", "$share//a", "$share/a", "$share/a/", "$share/a+/b", "$share/+/b",
                             "$share/#/b", "$share/#", "$share/a#/b", "$share/a/b#", "$share/a/#/b"}) {
    EXPECT_FALSE(is_valid_subscription_filter(filter, version::v5)) << filter;
  }
  EXPECT_TRUE(is_valid_subscription_filter("$share/a/b", version::v5));
  EXPECT_TRUE(is_valid_subscription_filter("$share/a/#", version::v5));
}

TEST(shared_filter, in_3_1_1_is_a_filter_like_any_other) {
  EXPECT_TRUE(is_valid_subscription_filter("$share/+/b", version::v3_1_1));
  EXPECT_TRUE(is_valid_subscription_filter("$share/", version::v3_1_1));
  EXPECT_FALSE(is_valid_subscription_filter("$share/a/b#", version::v3_1_1));
}

TEST(matches, the_examples_of_the_standard_4_7_1) {
  for (const auto* topic :
       {"sport/tennis/player1", "sport/tennis/player1/ranking", "sport/tennis/player1/score/wimbledon"}) {
    EXPECT_TRUE(matches("sport/tennis/player1/#", topic)) << topic;
  }
  EXPECT_TRUE(matches("sport/#", "sport"));
  EXPECT_TRUE(matches("#", "a/b/c"));
  EXPECT_TRUE(matches("sport/tennis/+", "sport/tennis/player1"));
  EXPECT_FALSE(matches("sport/tennis/+", "sport/tennis/player1/ranking"));
  EXPECT_FALSE(matches("sport/+", "sport"));
  EXPECT_TRUE(matches("sport/+", "sport/"));
  EXPECT_TRUE(matches("+/+", "/finance"));
  EXPECT_TRUE(matches("/+", "/finance"));
  EXPECT_FALSE(matches("+", "/finance"));
}

TEST(matches, MQTT_4_7_2_1_a_leading_wildcard_never_matches_a_dollar) {
  EXPECT_FALSE(matches("#", "$SYS/a"));
  EXPECT_FALSE(matches("+/a", "$SYS/a"));
  EXPECT_FALSE(matches("+", "$SYS"));
  EXPECT_TRUE(matches("$SYS/#", "$SYS/a"));
  EXPECT_TRUE(matches("$SYS/+", "$SYS/a"));
  EXPECT_TRUE(matches("a/+", "a/$SYS"));
}

TEST(matches, MQTT_4_7_3_4_is_by_byte_and_by_case) {
  EXPECT_FALSE(matches("ACCOUNTS", "Accounts"));
  EXPECT_FALSE(matches("/finance", "finance"));
  EXPECT_FALSE(matches("a", "ab"));
  EXPECT_FALSE(matches("ab", "a"));
  EXPECT_FALSE(matches("a/b/#", "a"));
  EXPECT_FALSE(matches("a/#", "ab"));
}

// By levels and recursion, as the standard tells it.
bool naive(std::string_view filter, std::string_view topic, bool first = true) {
  const auto level = [](std::string_view text) { return text.substr(0, text.find('/')); };
  if (first && topic.starts_with('$') && (filter[0] == '+' || filter[0] == '#')) return false;
  if (filter == "#") return true;
  if (level(filter) != "+" && level(filter) != level(topic)) return false;
  const bool filter_ends = level(filter).size() == filter.size();
  const bool topic_ends = level(topic).size() == topic.size();
  if (filter_ends) return topic_ends;
  const std::string_view rest = filter.substr(level(filter).size() + 1);
  if (topic_ends) return rest == "#";
  return naive(rest, topic.substr(level(topic).size() + 1), false);
}

TEST(matches, agrees_with_a_naive_reference) {
  constexpr unsigned seed = 471;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  const auto make = [&random](std::string_view alphabet) {
    std::string text;
    for (std::size_t n = 1 + random() % 7; n > 0; --n) text += alphabet[random() % alphabet.size()];
    return text;
  };
  int matched = 0;
  for (int round = 0; round < 400'000; ++round) {
    const std::string filter = make("a$+#//");
    const std::string topic = make("aa$//");
    if (!is_valid_topic_filter(filter)) continue;
    ASSERT_EQ(matches(filter, topic), naive(filter, topic)) << filter << " on " << topic;
    matched += matches(filter, topic);
  }
  EXPECT_GT(matched, 10'000);
}

TEST(matches, is_linear_in_hard_cases) {
  std::string filter;
  for (int i = 0; i < 150; ++i) filter += "+/";
  const std::string topic(60'000, 'a');
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(matches(filter + "b", topic));
}

}  // namespace
}  // namespace headgate::mqtt
