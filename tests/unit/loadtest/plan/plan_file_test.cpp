#include "loadtest/plan/plan_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace headgate::loadtest::plan {
namespace {

using ::testing::HasSubstr;

std::string error_of(const std::string& text) {
  try {
    read_plan(text, "p.yaml", 1);
    return "";
  } catch (const plan_error& error) {
    return error.what();
  }
}

constexpr const char* rich = R"(
name: all of it
targets: [a:1, '[::1]:2']
seed: 9
measure: { warm_up: 2s, warm_up_messages: 3, duration: 1m, messages: 4, server_cpu: 5s, stall: 6s, settle: 1h }
audit: { enabled: false, qos0_may_drop: false, memory: 8MiB }
groups:
  one:
    clients: 10
    version: 5
    client_id: c%c
    user: u
    password: p%c
    session: { clean_start: false, expiry: 1h }
    keep_alive: 90
    connect: { at: 3s, rate: 12.5, in_flight: 7 }
    reconnect: { enabled: false, first: 2s, most: 3s, jitter: 0.25 }
    life: { hold: 4s, away: 5s, jitter: 1 }
    publish: { topic: 'a/%c/%n', topics: 3, qos: 1, retain: true, payload: 64..512, expiry: 10s, rate: 100 }
    subscribe: { filters: ['b/%n', 'c/%n'], topics: 4, qos: 2, churn_rate: 0 }
  two:
    subscribe: { filters: 'a/#', share: group }
    publish: { topic: x, window: 5 }
events:
  - { at: 30s, group: two, disconnect: 30%, how: clean }
  - at: 40s
    group: one
    disconnect: 100%
)";

TEST(plan_file, every_key_of_the_run_sets_its_member) {
  const auto plan = read_plan(rich, "p.yaml", 1);
  EXPECT_EQ(plan.name, "all of it");
  ASSERT_EQ(plan.targets.size(), 2U);
  EXPECT_EQ(plan.targets[0].host, "a");
  EXPECT_EQ(plan.targets[1].port, 2);
  EXPECT_EQ(plan.seed, 9U);
  EXPECT_EQ(plan.measuring.warm_up_ns, 2 * core::second_ns);
  EXPECT_EQ(plan.measuring.warm_up_messages, 3U);
  EXPECT_EQ(plan.measuring.duration_ns, 60 * core::second_ns);
  EXPECT_EQ(plan.measuring.messages, 4U);
  EXPECT_EQ(plan.measuring.server_cpu_ns, 5 * core::second_ns);
  EXPECT_EQ(plan.measuring.stall_ns, 6 * core::second_ns);
  EXPECT_EQ(plan.measuring.settle_ns, 3'600 * core::second_ns);
  EXPECT_FALSE(plan.audit.enabled);
  EXPECT_FALSE(plan.audit.qos0_may_drop);
  EXPECT_EQ(plan.audit.memory_bytes, 8U << 20);
}

TEST(plan_file, every_key_of_a_group_sets_its_member) {
  const auto plan = read_plan(rich, "p.yaml", 1);
  ASSERT_EQ(plan.groups.size(), 2U);
  const auto& one = plan.groups[0];
  EXPECT_EQ(one.name, "one");
  EXPECT_EQ(one.clients, 10U);
  EXPECT_EQ(one.version, mqtt::version::v5);
  EXPECT_EQ(one.client_id.expanded(3, 0), "c3");
  EXPECT_EQ(one.user_name->text(), "u");
  EXPECT_EQ(one.password->expanded(2, 0), "p2");
  EXPECT_FALSE(one.clean_start);
  EXPECT_EQ(one.session_expiry_s, 3'600U);
  EXPECT_EQ(one.keep_alive_s, 90);
  EXPECT_EQ(one.connect.at_ns, 3 * core::second_ns);
  EXPECT_EQ(one.connect.rate, 12.5);
  EXPECT_EQ(one.connect.in_flight, 7U);
  EXPECT_FALSE(one.reconnect.enabled);
  EXPECT_EQ(one.reconnect.first_ns, 2 * core::second_ns);
  EXPECT_EQ(one.reconnect.most_ns, 3 * core::second_ns);
  EXPECT_EQ(one.reconnect.jitter, 0.25);
  EXPECT_EQ(one.life.hold_ns, 4 * core::second_ns);
  EXPECT_EQ(one.life.away_ns, 5 * core::second_ns);
  EXPECT_EQ(one.life.jitter, 1);
}

TEST(plan_file, every_key_of_messages_sets_its_member) {
  const auto plan = read_plan(rich, "p.yaml", 1);
  const auto& one = plan.groups.at(0);
  EXPECT_EQ(one.publish->topic.text(), "a/%c/%n");
  EXPECT_EQ(one.publish->topics, 3U);
  EXPECT_EQ(one.publish->qos, mqtt::qos::at_least_once);
  EXPECT_TRUE(one.publish->retain);
  EXPECT_EQ(one.publish->payload_least, 64U);
  EXPECT_EQ(one.publish->payload_most, 512U);
  EXPECT_EQ(one.publish->expiry_s, 10U);
  EXPECT_EQ(one.publish->rate, 100);
  EXPECT_EQ(one.publish->window, 0U);
  ASSERT_EQ(one.subscribe->filters.size(), 2U);
  EXPECT_EQ(one.subscribe->filters[1].text(), "c/%n");
  EXPECT_EQ(one.subscribe->topics, 4U);
  EXPECT_EQ(one.subscribe->qos, mqtt::qos::exactly_once);
  EXPECT_EQ(plan.groups[1].subscribe->share, "group");
  EXPECT_EQ(plan.groups[1].publish->window, 5U);
  EXPECT_EQ(plan.groups[1].client_id.expanded(0, 0), "lt00000001g1c0");
  ASSERT_EQ(plan.events.size(), 2U);
  EXPECT_EQ(plan.events[0].at_ns, 30 * core::second_ns);
  EXPECT_EQ(plan.events[0].group, 1U);
  EXPECT_DOUBLE_EQ(plan.events[0].share, 0.3);
  EXPECT_TRUE(plan.events[0].clean);
  EXPECT_EQ(plan.events[1].group, 0U);
  EXPECT_FALSE(plan.events[1].clean);
}

TEST(plan_file, what_is_not_said_has_its_default) {
  const auto plan = read_plan("groups:\n  idle:\n", "dir/my.plan.yaml", 0xabc);
  EXPECT_EQ(plan.name, "my");
  ASSERT_EQ(plan.targets.size(), 1U);
  EXPECT_EQ(plan.targets[0].port, 1883);
  EXPECT_EQ(plan.groups[0].clients, 1U);
  EXPECT_EQ(plan.groups[0].client_id.expanded(19'499, 0), "lt00000abcg0c19499");
  EXPECT_FALSE(plan.groups[0].publish);
  EXPECT_FALSE(plan.groups[0].subscribe);
  // A value instead of a list of one.
  EXPECT_EQ(read_plan("targets: h:5\ngroups: { a: }", "p", 1).targets.at(0).port, 5);
}

TEST(plan_file, tls_is_spoken_where_its_section_stands) {
  EXPECT_FALSE(read_plan("groups: { a: }", "p", 1).tls.enabled);
  auto plan = read_plan("tls:\ngroups: { a: }", "p", 1);
  EXPECT_TRUE(plan.tls.enabled);
  EXPECT_TRUE(plan.tls.verifies);
  EXPECT_EQ(plan.targets.at(0).port, 8883);
  plan = read_plan(
      "tls: { ca: ca.pem, certificate: c.pem, key: k.pem, server_name: a.b, version: 1.2, resume: false }\n"
      "targets: [a, b:7]\ngroups: { a: { connect: { expect: refused } } }",
      "p", 1);
  EXPECT_EQ(plan.tls.ca, "ca.pem");
  EXPECT_EQ(plan.tls.certificate, "c.pem");
  EXPECT_EQ(plan.tls.key, "k.pem");
  EXPECT_EQ(plan.tls.server_name, "a.b");
  EXPECT_EQ(plan.tls.maximum, core::tls_plan::version::v1_2);
  EXPECT_FALSE(plan.tls.resumes);
  EXPECT_EQ(plan.targets.at(0).port, 8883);
  EXPECT_EQ(plan.targets.at(1).port, 7);
  EXPECT_TRUE(plan.groups.at(0).connect.expects_refusal);
}

TEST(plan_file, each_problem_is_told_with_its_line_and_what_to_write) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "p.yaml:1: groups: there is nothing to do"},
      {"- a", "p.yaml:1: keys are wanted here, such as 'name: storm', not a list"},
      {"nmae: x\ngroups: { a: }", "p.yaml:1: there is no key 'nmae' here: did you mean 'name'?"},
      {"group: { a: }\ngroups: { a: }", "did you mean 'groups'?"},
      {"event: []\ngroups: { a: }", "did you mean 'events'?"},
      {"rate: 5\ngroups: { a: }",
       "p.yaml:1: there is no key 'rate' here: it belongs below 'groups.NAME.connect' or "
       "'groups.NAME.publish'"},
      {"groups.NAME.publish:\ngroups: { a: }", "p.yaml:1: there is no key 'groups.NAME.publish' here: there can be "},
      {"measure.stall: { at: 1s }\ngroups: { a: }", "p.yaml:1: there is no key 'measure.stall' here: there can be "},
      {"foo: 5\ngroups: { a: }", "there is no key 'foo' here: there can be 'name', 'targets', 'seed', 'groups', "},
      {"groups:\n  a:\n    publish: { topic: a, window: 1, size: 64 }\n",
       "there is no key 'size' here: did you mean 'payload'?"},
      {"groups:\n  a:\n    client-id: a%c\n", "there is no key 'client-id' here: did you mean 'client_id'?"},
      {"groups:\n  a:\n    publish:\n      topic: %c/a\n      window: 1\n",
       "p.yaml:4: this is not YAML: unknown token (at column 14): a value cannot begin with '%', so put quotes around "
       "it"},
      {"groups:\n  a: { publish: { topic: @a, window: 1 } }\n", "cannot begin with '@', so put quotes around it"},
      {"groups:\n  a: { publish: { topic: 'ü', window: `1 } }\n", "cannot begin with '`', so put quotes around it"},
      {"groups:\n  a:\n    churn_rate: 5\n",
       "p.yaml:3: groups.a: there is no key 'churn_rate' here: it belongs below 'groups.NAME.subscribe'"},
      {"groups:\n  a:\n    clients: 5x\n",
       "p.yaml:3: groups.a.clients: '5x' is no value for it: it takes a whole number from 1 to 1000000"},
      {"groups:\n  a:\n    clients:\n", "p.yaml:3: groups.a.clients: it has no value: it takes a whole number"},
      {"groups:\n  a:\n    clients: [1]\n",
       "p.yaml:3: groups.a.clients: it takes a whole number from 1 to 1000000, and not a list"},
      {"groups:\n  a:\n    publish: 5\n",
       "p.yaml:3: groups.a.publish: it takes keys below it, such as 'topic', and not the value '5'"},
      {"groups:\n  a:\n    publish:\n      window: 5\n",
       "p.yaml:3: groups.a.publish: the key 'topic' is missing: it takes a text in which %c"},
      {"groups:\n  a:\n    subscribe:\n", "the key 'filters' is missing"},
      {"groups:\n  a:\n    subscribe: { filters: [] }\n", "the list is empty"},
      {"groups:\n  a:\n    subscribe:\n      filters:\n      - a\n      - {}\n", "filters: it takes a text in which"},
      {"groups:\n  a b:\n", "p.yaml:2: groups: 'a b' is no name"},
      {"groups: 5\n", "p.yaml:1: groups: it takes names of groups below it"},
      {"groups: { a: }\nevents: 5\n", "p.yaml:2: events: it takes a list"},
      {"groups: { a: }\nevents:\n- { at: 1s, group: b, disconnect: 5% }\n",
       "p.yaml:3: events.0.group: there is no group 'b': there are a"},
      {"groups: { a: }\nevents:\n- { group: a, disconnect: 5% }\n", "p.yaml:3: events.0: the key 'at' is missing"},
      {"groups: { a: }\nevents:\n- { at: 1s, group: a, disconnect: 101% }\n",
       "it takes a share from 0% to 100%, as in 100%"},
      {"groups: { a: }\nevents:\n- { at: 1s, group: a, disconnect: 0.5 }\n",
       "'0.5' is no value for it: it takes a share from 0% to 100%, as in 100%"},
      {"groups:\n  a:\n    publish: { topic: '', window: 1 }\n",
       "p.yaml:3: groups.a.publish.topic: it is empty: it takes a text in which"},
      {"groups: { a: }\nevents:\n- { at: 1s, group: a, disconnect: 0% }\n",
       "p.yaml:3: events.0.disconnect: a share of the clients is above 0%"},
      {"groups: { a: , a: }", "'a' is there twice"},
      {"groups: { a: &x }", "anchors"},
      {"groups: { a: *x }", "p.yaml:1: "},
      {"groups:\n\ta:\n", "p.yaml:2: a tab stands before"},
      {"groups:\n  a:\n    client_id: x\n      y\n", "stands on several lines"},
      {"groups: { a: }\n---\nname: b\n", "a second document"},
      {"groups:\n  a:\n    publish:\n      topic: 'a/+'\n      window: 1\n",
       "p.yaml:4: groups.a.publish.topic: 'a/+' has a wildcard"},
      {"groups:\n  a:\n    publish:\n      topic: a\n", "p.yaml:3: groups.a.publish: how fast is it to publish?"},
      {"groups:\n  a:\n    publish:\n      topic: a\n      window: 1\n      rate: 1\n",
       "p.yaml:6: groups.a.publish.rate: it comes with a window"},
      {"groups:\n  a:\n    clients: 20000\n", "p.yaml:1: groups: 20000 clients are more than one process takes"},
      {"groups:\n  a:\n    publish: { topic: a, window: 1, payload: 39 }\n",
       "'39' is no value for it: it takes a number of bytes from 40 (the stamp"},
  };
  for (const auto& [text, error] : cases) EXPECT_THAT(error_of(text), HasSubstr(error)) << text;
}

TEST(plan_file, every_problem_is_told_at_once) {
  EXPECT_EQ(error_of("seed: x\n"
                     "measure: { duration: 0, stal: 5 }\n"
                     "groups:\n"
                     "  a:\n"
                     "    clients: 0\n"
                     "  b:\n"
                     "    publish: { topic: a/#, window: 5 }\n"),
            "p.yaml:1: seed: 'x' is no value for it: it takes a whole number from 0 to 18446744073709551615\n"
            "p.yaml:2: measure.duration: '0' is no value for it: it takes a time from 1ms to 1000h, in seconds or with "
            "us, ms, s, m or h behind it\n"
            "p.yaml:2: measure: there is no key 'stal' here: did you mean 'stall'?\n"
            "p.yaml:5: groups.a.clients: '0' is no value for it: it takes a whole number from 1 to 1000000\n"
            "p.yaml:7: groups.b.publish.topic: 'a/#' has a wildcard, and one publishes to one topic: take '+' and '#' "
            "in filters only");
}

TEST(plan_file, problems_have_no_followers) {
  // The window is wrong, so it is not said that there is none.
  const auto error = error_of("groups:\n  a:\n    publish: { topic: a, window: 0 }\n");
  EXPECT_THAT(error, HasSubstr("'0' is no value"));
  EXPECT_EQ(error.find('\n'), std::string::npos);
}

TEST(plan_file, a_file_of_many_problems_ends_with_a_word_on_the_rest) {
  std::string text = "groups: { a: }\n";
  for (int n = 0; n < 50; ++n) text += "k" + std::to_string(n) + ": 1\n";
  EXPECT_THAT(error_of(text), HasSubstr("there are more"));
  EXPECT_THAT(error_of(std::string(max_file_bytes + 1, '#')), HasSubstr("larger than 1MiB"));
}

}  // namespace
}  // namespace headgate::loadtest::plan
