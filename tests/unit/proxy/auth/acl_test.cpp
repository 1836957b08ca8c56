#include "proxy/auth/acl.hpp"

#include <gtest/gtest.h>

#include "proxy/auth/acl_file.hpp"
#include "proxy/auth/filter_relation.hpp"

namespace headgate::proxy::auth {
namespace {

using gateway::principal;
using gateway::reach;

acl rules_of(std::string_view text) {
  auto parsed = parse_acl_file(text);
  EXPECT_EQ("", describe("rules", parsed.errors));
  return std::move(parsed.rules);
}

constexpr principal alice{"c1", "alice"};
constexpr principal nobody{"c1", ""};

TEST(acl, nothing_said_is_not_allowed) {
  const acl rules;
  EXPECT_FALSE(may_read(rules, alice, "a"));
  EXPECT_FALSE(may_write(rules, nobody, "a"));
  EXPECT_FALSE(may_read(rules_of("topic #"), nobody, ""));
}

TEST(acl, rules_before_the_first_user_are_for_who_has_no_name) {
  const auto rules = rules_of("topic read a\nuser alice\ntopic write b");
  EXPECT_TRUE(may_read(rules, nobody, "a"));
  EXPECT_FALSE(may_write(rules, nobody, "a"));
  EXPECT_FALSE(may_read(rules, alice, "a"));
  EXPECT_TRUE(may_write(rules, alice, "b"));
  EXPECT_FALSE(may_read(rules, alice, "b"));
  EXPECT_FALSE(may_write(rules, nobody, "b"));
  EXPECT_FALSE(may_write(rules, {"c1", "bob"}, "b"));
}

TEST(acl, a_deny_of_the_own_rules_decides_wherever_it_stands) {
  const auto rules = rules_of("user alice\ntopic a/#\ntopic deny a/secret/#\npattern #");
  EXPECT_TRUE(may_read(rules, alice, "a/b"));
  EXPECT_FALSE(may_read(rules, alice, "a/secret"));
  EXPECT_FALSE(may_write(rules, alice, "a/secret/b"));
}

TEST(acl, own_rules_decide_before_patterns) {
  const auto rules = rules_of("pattern deny a/#\npattern read b\nuser alice\ntopic read a/x\ntopic write b");
  EXPECT_TRUE(may_read(rules, alice, "a/x"));
  EXPECT_FALSE(may_write(rules, alice, "a/x"));
  EXPECT_FALSE(may_read(rules, alice, "a/y"));
  EXPECT_TRUE(may_read(rules, alice, "b"));
}

TEST(acl, patterns_are_for_everybody) {
  const auto rules = rules_of("user bob\npattern read all/#\npattern up/%c/+\npattern write %u/in\npattern %c%u%c/x");
  EXPECT_TRUE(may_read(rules, alice, "all"));
  EXPECT_TRUE(may_read(rules, nobody, "all/x"));
  EXPECT_TRUE(may_write(rules, nobody, "up/c1/x"));
  EXPECT_FALSE(may_write(rules, nobody, "up/c2/x"));
  EXPECT_TRUE(may_write(rules, alice, "alice/in"));
  EXPECT_FALSE(may_write(rules, nobody, "/in"));
  EXPECT_FALSE(may_write(rules, nobody, "%u/in"));
  EXPECT_TRUE(may_write(rules, alice, "c1alicec1/x"));
}

TEST(acl, names_with_wildcards_get_nothing_from_patterns) {
  const auto rules = rules_of("user a+\ntopic own\npattern %c/x\npattern read all\npattern deny %u/y");
  for (const principal who : {principal{"+", "bob"}, principal{"#", "bob"}, principal{"c1", "a+"}, {"a#b", ""}}) {
    EXPECT_FALSE(may_read(rules, who, "c1/x"));
    EXPECT_FALSE(may_read(rules, who, "all"));
    EXPECT_EQ(reach::nothing, may_subscribe(rules, who, "+/x"));
  }
  EXPECT_TRUE(may_read(rules, {"c1", "a+"}, "own"));
}

TEST(acl, names_with_slashes_expand_in_what_denies_only) {
  const auto rules = rules_of("pattern read up/%c\npattern read all/#\npattern deny all/%c/secret");
  const principal who{"a/b", "u/v"};
  EXPECT_FALSE(may_read(rules, who, "up/a/b"));
  EXPECT_TRUE(may_read(rules, who, "all/x"));
  EXPECT_FALSE(may_read(rules, who, "all/a/b/secret"));
  EXPECT_EQ(reach::nothing, may_subscribe(rules, who, "up/#"));
  EXPECT_EQ(reach::some, may_subscribe(rules, who, "all/#"));
}

TEST(acl, names_do_not_open_topics_of_the_server) {
  const auto rules = rules_of("pattern %c/#\npattern x/%c/#\npattern read $SYS/%c");
  const principal who{"$SYS", ""};
  EXPECT_FALSE(may_read(rules, who, "$SYS/broker/version"));
  EXPECT_EQ(reach::nothing, may_subscribe(rules, who, "$SYS/broker/#"));
  EXPECT_TRUE(may_read(rules, who, "x/$SYS/a"));
  EXPECT_TRUE(may_read(rules, who, "$SYS/$SYS"));
  EXPECT_FALSE(may_read(rules_of("pattern deny %c/#\npattern read $SYS/#"), who, "$SYS/broker/version"));
}

TEST(acl, topics_with_dollar_are_granted_by_filters_with_it) {
  const auto rules = rules_of("topic #\ntopic +/x\nuser alice\ntopic read $SYS/#\ntopic $dev/#");
  EXPECT_FALSE(may_read(rules, nobody, "$SYS/broker/uptime"));
  EXPECT_FALSE(may_read(rules, nobody, "$dev/x"));
  EXPECT_TRUE(may_read(rules, nobody, "a/$x"));
  EXPECT_TRUE(may_read(rules, alice, "$SYS/broker/uptime"));
  EXPECT_TRUE(may_write(rules, alice, "$dev/x"));
}

TEST(acl, topics_of_the_server_are_nobodys_to_write) {
  const auto rules = rules_of("topic $SYS/#\ntopic $SYS");
  EXPECT_FALSE(may_write(rules, nobody, "$SYS/a"));
  EXPECT_FALSE(may_write(rules, nobody, "$SYS"));
  EXPECT_TRUE(may_read(rules, nobody, "$SYS"));
  EXPECT_TRUE(may_write(rules, nobody, "$SYS/broker/connection/a/state"));
}

TEST(acl, wildcards_match_as_in_subscriptions) {
  const auto rules = rules_of("topic a/#\ntopic long/beginning/of/+/x\ntopic /+\ntopic read b c/+/#");
  for (const auto* topic : {"a", "a/", "a/b", "a//b", "long/beginning/of//x", "/", "/q", "b c/", "b c/x/y"}) {
    EXPECT_TRUE(may_read(rules, nobody, topic)) << topic;
  }
  for (const auto* topic : {"aa", "b", "long/beginning/of/x", "long/beginning/of/y/xx", "//", "b c", "A"}) {
    EXPECT_FALSE(may_read(rules, nobody, topic)) << topic;
  }
}

TEST(acl, rules_without_what_was_worked_out_say_the_same) {
  acl rules;
  rules.anonymous = {{acl_rule::access::read, "a/+"}};
  rules.patterns = {{acl_rule::access::write, "%c/x"}};
  EXPECT_TRUE(may_read(rules, nobody, "a/b"));
  EXPECT_FALSE(may_read(rules, nobody, "b/b"));
  EXPECT_TRUE(may_write(rules, nobody, "c1/x"));
}

TEST(acl, how_much_a_filter_may_see) {
  const auto rules =
      rules_of("topic read a/#\ntopic deny a/x/+\ntopic write w/#\npattern read p/+/%c\npattern read q/#");
  const auto reached = [&](std::string_view filter) { return may_subscribe(rules, nobody, filter); };
  EXPECT_EQ(reach::some, reached("#"));
  EXPECT_EQ(reach::some, reached("a/#"));
  EXPECT_EQ(reach::all, reached("a/y/#"));
  EXPECT_EQ(reach::all, reached("a/+"));
  EXPECT_EQ(reach::some, reached("a/x/#"));
  EXPECT_EQ(reach::nothing, reached("a/x/+"));
  EXPECT_EQ(reach::some, reached("a/+/y"));
  EXPECT_EQ(reach::nothing, reached("w/#"));
  EXPECT_EQ(reach::nothing, reached("$SYS/#"));
  EXPECT_EQ(reach::all, reached("p/+/c1"));
  EXPECT_EQ(reach::nothing, reached("p/+/c2"));
  EXPECT_EQ(reach::some, reached("p/#"));
  EXPECT_EQ(reach::all, reached("q/+/r"));
  EXPECT_EQ(reach::all, reached("a/y"));
  EXPECT_EQ(reach::nothing, reached("a/x/y"));
}

TEST(acl, leading_wildcards_do_not_reach_topics_with_dollar) {
  EXPECT_EQ(reach::all, may_subscribe(rules_of("topic #"), nobody, "#"));
  EXPECT_EQ(reach::all, may_subscribe(rules_of("topic #\ntopic deny $SYS/#"), nobody, "+/x"));
  EXPECT_EQ(reach::nothing, may_subscribe(rules_of("topic #"), nobody, "$SYS/#"));
  EXPECT_EQ(reach::all, may_subscribe(rules_of("topic $SYS/#"), nobody, "$SYS/+"));
}

TEST(filter_relation, parents_belong_to_what_is_below) {
  EXPECT_TRUE(overlaps("a/#", "a"));
  EXPECT_TRUE(covers("a/#", "a"));
  EXPECT_TRUE(overlaps("a/+/#", "a/b"));
  EXPECT_FALSE(covers("a/+/#", "a/#"));
  EXPECT_FALSE(overlaps("a/+", "a"));
  EXPECT_FALSE(covers("+", "#"));
}

}  // namespace
}  // namespace headgate::proxy::auth
