#include "loadtest/plan/forms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "loadtest/plan/check_plan.hpp"

namespace headgate::loadtest::plan {
namespace {

using ::testing::HasSubstr;

using options = std::vector<std::pair<std::string, std::string>>;

const form& find_form(const std::string& name) {
  return *std::ranges::find(forms(), name, &form::name);
}

// As the program does it: defaults, then what was given.
core::plan make(const std::string& name, const options& given) {
  const auto& form = find_form(name);
  form_options chosen;
  chosen.run_id = 0x12ab;
  apply_defaults(form, chosen);
  for (const auto& [option, value] : given) {
    const auto found = std::ranges::find_if(form_options_table(), [&, &option = option](const form_option& candidate) {
      return candidate.long_name() == option && (candidate.forms & form.bit) != 0;
    });
    if (found == form_options_table().end()) throw plan_error("no option " + option);
    if (!found->set(chosen, value)) throw plan_error(refusal(option, value, found->accepts));
  }
  return make_plan(form, chosen);
}

std::string error_of(const std::string& name, const options& given) {
  try {
    make(name, given);
    return "";
  } catch (const plan_error& error) {
    return error.what();
  }
}

// "subscribers 50: loadtest/%c; publishers 50: …"
std::string in_short(const core::plan& plan) {
  std::string text;
  for (const auto& group : plan.groups) {
    text += (text.empty() ? "" : "; ") + group.name + " " + std::to_string(group.clients) + ":";
    if (group.subscribe) {
      text += " from " + group.subscribe->filters.at(0).text();
      if (group.subscribe->topics > 1) text += " x" + std::to_string(group.subscribe->topics);
      if (!group.subscribe->share.empty()) text += " shared " + group.subscribe->share;
      text += " q" + std::to_string(static_cast<int>(group.subscribe->qos));
    }
    if (group.publish) {
      text += " to " + group.publish->topic.text();
      if (group.publish->topics > 1) text += " x" + std::to_string(group.publish->topics);
      text += " q" + std::to_string(static_cast<int>(group.publish->qos));
      if (group.publish->rate > 0) text += " rate " + std::to_string(static_cast<int>(group.publish->rate));
      if (group.publish->window > 0) text += " window " + std::to_string(group.publish->window);
    }
  }
  return text;
}

TEST(forms, every_form_has_a_plan_without_options) {
  EXPECT_EQ(in_short(make("conn", {})), "clients 1000:");
  EXPECT_EQ(in_short(make("pub", {})), "publishers 50: to loadtest/%c q0 window 100");
  EXPECT_EQ(in_short(make("sub", {})), "subscribers 50: from loadtest/%c q0");
  EXPECT_EQ(in_short(make("pairs", {})),
            "subscribers 50: from loadtest/%c q0; publishers 50: to loadtest/%c q0 window 1000");
  EXPECT_EQ(in_short(make("fanout", {})),
            "subscribers 1000: from loadtest/fanout q0; publishers 1: to loadtest/fanout q0 window 20");
  EXPECT_EQ(in_short(make("fanin", {})),
            "subscribers 1: from loadtest/+ q0; publishers 1000: to loadtest/%c q0 window 1");
  EXPECT_EQ(in_short(make("latency", {})),
            "subscribers 50: from loadtest/%c q1; publishers 50: to loadtest/%c q1 rate 5000");
  EXPECT_EQ(in_short(make("offline", {})),
            "subscribers 50: from loadtest/%c q1; publishers 50: to loadtest/%c q1 rate 500");
  for (const auto& form : forms()) EXPECT_EQ(make(form.name, {}).name, form.name);
}

TEST(forms, idle_clients_are_held) {
  const auto idle = make("conn", {{"--clients", "5000"}, {"--rate", "250"}, {"--duration", "1m"}});
  EXPECT_EQ(idle.groups[0].connect.rate, 250);
  EXPECT_EQ(idle.groups[0].keep_alive_s, 60);
  EXPECT_EQ(idle.groups[0].life.hold_ns, core::for_ever);
  EXPECT_EQ(idle.measuring.duration_ns, 60 * core::second_ns);
  const auto subscribed = make("conn", {{"--subscribe", "true"}, {"--topic", "own/%c"}});
  EXPECT_EQ(in_short(subscribed), "clients 1000: from own/%c q0");
}

TEST(forms, cycling_clients_are_all_under_way) {
  const auto cycle = make("conn", {{"--clients", "100"}, {"--cycle", "true"}, {"--messages", "20000"}});
  EXPECT_EQ(cycle.groups[0].life.hold_ns, 0U);
  EXPECT_EQ(cycle.groups[0].life.away_ns, 0U);
  EXPECT_EQ(cycle.groups[0].connect.in_flight, 100U);
  EXPECT_EQ(cycle.measuring.messages, 20'000U);
  EXPECT_THAT(error_of("conn", {{"--cycle", "true"}, {"--subscribe", "true"}}), HasSubstr("take one of the two out"));
  EXPECT_THAT(error_of("conn", {{"--topic", "a"}}), HasSubstr("--topic: these clients are idle"));
}

TEST(forms, cycling_clients_may_come_again_to_their_sessions) {
  EXPECT_TRUE(make("conn", {{"--cycle", "true"}}).groups[0].clean_start);
  const auto kept = make("conn", {{"--cycle", "true"}, {"--keep-session", "true"}});
  EXPECT_FALSE(kept.groups[0].clean_start);
  EXPECT_EQ(kept.groups[0].session_expiry_s, 0U);
  const auto kept_5 = make("conn", {{"--keep-session", "true"}, {"--protocol-version", "5"}});
  EXPECT_EQ(kept_5.groups[0].session_expiry_s, 3'600U);
}

TEST(forms, who_is_to_be_refused_comes_again_at_the_rate) {
  const auto plan =
      make("conn", {{"--expect-refused", "true"}, {"--rate", "500"}, {"--user", "u"}, {"--password", "wrong-%c"}});
  const auto& group = plan.groups.at(0);
  EXPECT_TRUE(group.connect.expects_refusal);
  EXPECT_EQ(group.connect.rate, 500);
  EXPECT_EQ(group.connect.in_flight, group.clients);
  EXPECT_THAT(error_of("conn", {{"--expect-refused", "true"}, {"--cycle", "true"}}), HasSubstr("take --cycle out"));
  EXPECT_THAT(error_of("conn", {{"--expect-refused", "true"}, {"--subscribe", "true"}}),
              HasSubstr("take --subscribe out"));
}

TEST(forms, tls_is_spoken_as_the_options_say) {
  auto plan = make("conn", {{"--tls", "true"}, {"--ca", "ca.pem"}, {"--tls-version", "1.2"}, {"--no-resume", "true"}});
  EXPECT_TRUE(plan.tls.enabled);
  EXPECT_EQ(plan.tls.ca, "ca.pem");
  EXPECT_EQ(plan.tls.maximum, core::tls_plan::version::v1_2);
  EXPECT_FALSE(plan.tls.resumes);
  EXPECT_EQ(plan.targets.at(0).port, 8883);
  plan = make("pairs", {{"--tls", "true"}, {"--insecure", "true"}, {"--target", "a"}, {"--target", "b:7"}});
  EXPECT_FALSE(plan.tls.verifies);
  EXPECT_TRUE(plan.tls.resumes);
  EXPECT_EQ(plan.targets.at(0).port, 8883);
  EXPECT_EQ(plan.targets.at(1).port, 7);
  EXPECT_EQ(make("pairs", {{"--target", "a"}}).targets.at(0).port, 1883);
  EXPECT_THAT(error_of("conn", {{"--ca", "ca.pem"}}), HasSubstr("--ca: it is about TLS"));
  EXPECT_THAT(error_of("conn", {{"--insecure", "true"}}), HasSubstr("--insecure: it is about TLS"));
  EXPECT_THAT(error_of("conn", {{"--tls", "true"}, {"--cert", "c.pem"}}), HasSubstr("--key: the clients' certificate"));
}

TEST(forms, windows_go_by_qos_and_a_rate_takes_their_place) {
  EXPECT_THAT(in_short(make("pairs", {{"--qos", "1"}})), HasSubstr("q1 window 100"));
  EXPECT_THAT(in_short(make("pairs", {{"--qos", "2"}, {"--window", "7"}})), HasSubstr("q2 window 7"));
  EXPECT_THAT(in_short(make("fanout", {{"--rate", "500"}})), HasSubstr("rate 500"));
  EXPECT_THAT(in_short(make("fanout", {{"--rate", "500"}})), Not(HasSubstr("window")));
  EXPECT_THAT(error_of("pairs", {{"--rate", "5"}, {"--window", "5"}}), HasSubstr("leave one of them out"));
  EXPECT_EQ(error_of("pairs", {{"--window", "0"}}),
            "'0' is no value for --window: it takes a whole number from 1 to 100000");
  EXPECT_EQ(error_of("latency", {{"--window", "1"}}), "no option --window");
}

TEST(forms, what_the_benchmarks_run_can_be_said) {
  EXPECT_EQ(in_short(make("pairs", {{"--topics", "20000"}, {"--window", "1000"}, {"--seed", "3"}})),
            "subscribers 50: from loadtest/%c/%n x20000 q0; publishers 50: to loadtest/%c/%n x20000 q0 window 1000");
  EXPECT_EQ(in_short(make("fanin", {{"--one-topic", "true"}, {"--qos", "1"}})),
            "subscribers 1: from loadtest/fanin q1; publishers 1000: to loadtest/fanin q1 window 1");
  const auto churned = make("pairs", {{"--churn", "1000"}});
  ASSERT_EQ(churned.groups.size(), 3U);
  EXPECT_EQ(churned.groups[2].clients, 1U);
  EXPECT_EQ(churned.groups[2].subscribe->churn_rate, 1'000);
  EXPECT_GT(churned.groups[2].subscribe->topics, 1'000U);
  const auto measured = make("pairs", {{"--warm-up", "0.05"},
                                       {"--warm-up-messages", "1000000"},
                                       {"--cpu-seconds", "2"},
                                       {"--messages", "20000"},
                                       {"--stall", "60"}});
  EXPECT_EQ(measured.measuring.warm_up_ns, core::second_ns / 20);
  EXPECT_EQ(measured.measuring.warm_up_messages, 1'000'000U);
  EXPECT_EQ(measured.measuring.server_cpu_ns, 2 * core::second_ns);
  EXPECT_EQ(measured.measuring.stall_ns, 60 * core::second_ns);
}

TEST(forms, topics_are_whose_they_are_meant_to_be) {
  EXPECT_EQ(in_short(make("fanin", {{"--clients", "4"}, {"--topic", "a/x%c/b"}, {"--subscribers", "2"}})),
            "subscribers 2: from a/+/b q0; publishers 4: to a/x%c/b q0 window 1");
  EXPECT_EQ(in_short(make("fanout", {{"--clients", "4"}, {"--publishers", "2"}, {"--topic", "a/%c"}})),
            "subscribers 4: from a/+ q0; publishers 2: to a/%c q0 window 20");
  EXPECT_THAT(error_of("pairs", {{"--topic", "a"}}), HasSubstr("write %c where the pair's number belongs"));
  EXPECT_EQ(error_of("pairs", {{"--topic", "a"}, {"--clients", "1"}}), "");
  EXPECT_THAT(error_of("fanin", {{"--topic", "a/%c"}, {"--one-topic", "true"}}), HasSubstr("take the %c out"));
  EXPECT_THAT(error_of("pub", {{"--topic", "a/%x"}}), HasSubstr("'a/%x' is no value for --topic"));
  // Said once, though it is the topic of two groups.
  EXPECT_EQ(error_of("pairs", {{"--topic", "%c/%n"}, {"--topics", "1"}}).find('\n'),
            error_of("pairs", {{"--topic", "%c/%n"}}).find('\n'));
}

TEST(forms, offline_subscribers_have_sessions_that_come_and_go) {
  const auto v3 = make("offline", {{"--hold", "1"}, {"--away", "5"}});
  EXPECT_FALSE(v3.groups[0].clean_start);
  EXPECT_TRUE(v3.groups[0].is_persistent());
  EXPECT_FALSE(v3.groups[1].is_persistent());
  EXPECT_EQ(v3.groups[0].life.hold_ns, core::second_ns);
  EXPECT_EQ(v3.groups[0].life.away_ns, 5 * core::second_ns);
  EXPECT_EQ(v3.groups[0].life.jitter, 0.5);
  EXPECT_EQ(v3.measuring.settle_ns, 7 * core::second_ns);
  const auto v5 = make("offline", {{"--protocol-version", "5"}});
  EXPECT_EQ(v5.groups[0].session_expiry_s, 3'600U);
  EXPECT_FALSE(v5.groups[0].clean_start);
  EXPECT_THAT(error_of("offline", {{"--settle", "1"}}), HasSubstr("--settle: it is 1s, but"));
}

TEST(forms, client_ids_are_short_and_of_the_run) {
  for (const auto& form : forms()) {
    for (const auto& group : make(form.name, {}).groups) {
      const auto id = group.client_id.expanded(19'499, 0);
      EXPECT_LE(id.size(), 23U) << id;
      EXPECT_THAT(id, HasSubstr("000012ab"));
      EXPECT_TRUE(
          std::ranges::all_of(id, [](char letter) { return std::isalnum(static_cast<unsigned char>(letter)); }));
    }
  }
  EXPECT_EQ(make("pub", {{"--client-id", "mine%c"}}).groups[0].client_id.text(), "mine%c");
  const auto two = make("pairs", {{"--client-id", "mine%c"}});
  EXPECT_EQ(two.groups[0].client_id.text(), "mine%c-s");
  EXPECT_EQ(two.groups[1].client_id.text(), "mine%c-p");
  EXPECT_THAT(error_of("pub", {{"--client-id", "x"}}), HasSubstr("--client-id: 'x' is one id for 50 clients"));
}

TEST(forms, what_only_mqtt_5_has_makes_it_5) {
  EXPECT_EQ(make("pub", {{"--expiry", "1m"}}).groups[0].version, mqtt::version::v5);
  EXPECT_EQ(in_short(make("sub", {{"--share", "g"}})), "subscribers 50: from loadtest/+ shared g q0");
  EXPECT_EQ(make("sub", {{"--share", "g"}}).groups[0].version, mqtt::version::v5);
  // Some servers know shares before MQTT 5.
  EXPECT_EQ(error_of("sub", {{"--share", "g"}, {"--protocol-version", "3.1.1"}}), "");
  EXPECT_THAT(error_of("pub", {{"--expiry", "1m"}, {"--protocol-version", "3.1.1"}}), HasSubstr("--expiry: "));
  EXPECT_THAT(error_of("sub", {{"--share", "g"}, {"--topic", "a/%c"}}), HasSubstr("as in 'a/+'"));
}

TEST(forms, everything_else_is_where_it_belongs) {
  const auto plan = make("pairs", {{"--target", "a:1"},
                                   {"--target", "[::1]"},
                                   {"--user", "u%c"},
                                   {"--password", "p"},
                                   {"--keep-alive", "0"},
                                   {"--connect-rate", "10"},
                                   {"--in-flight", "7"},
                                   {"--size", "40..1KiB"},
                                   {"--retain", "true"},
                                   {"--no-audit", "true"},
                                   {"--no-drops", "true"},
                                   {"--settle", "3"}});
  ASSERT_EQ(plan.targets.size(), 2U);
  EXPECT_EQ(plan.targets[1].host, "::1");
  EXPECT_EQ(plan.groups[0].user_name->text(), "u%c");
  EXPECT_EQ(plan.groups[0].keep_alive_s, 0);
  EXPECT_EQ(plan.groups[0].connect.rate, 10);
  EXPECT_EQ(plan.groups[0].connect.in_flight, 7U);
  EXPECT_EQ(plan.groups[1].publish->payload_most, 1'024U);
  EXPECT_TRUE(plan.groups[1].publish->retain);
  EXPECT_FALSE(plan.audit.enabled);
  EXPECT_FALSE(plan.audit.qos0_may_drop);
  EXPECT_EQ(plan.measuring.settle_ns, 3 * core::second_ns);
}

TEST(forms, too_many_clients_are_told_to_be_several_processes) {
  EXPECT_EQ(error_of("conn", {{"--clients", "19500"}}), "");
  EXPECT_THAT(error_of("conn", {{"--clients", "19501"}}),
              HasSubstr("--clients: 19501 clients are more than one process"));
  EXPECT_THAT(error_of("pairs", {{"--clients", "10000"}}), HasSubstr("start several processes"));
}

TEST(forms, options_have_one_meaning_a_form_and_say_their_defaults) {
  for (const auto& form : forms()) {
    std::set<std::string> names;
    EXPECT_FALSE(form.examples.empty());
    for (const auto& option : form_options_table()) {
      if ((option.forms & form.bit) == 0) continue;
      EXPECT_TRUE(names.insert(option.names).second) << form.name << " " << option.names;
      EXPECT_FALSE(option.help.empty());
      // A default that is one value is taken as one.
      form_options chosen;
      EXPECT_TRUE(option.fallback.empty() || option.set(chosen, option.fallback)) << option.names;
    }
    for (const auto* list : {&form.defaults, &form.said_defaults}) {
      for (const auto& [name, value] : *list) {
        const bool is_there =
            std::ranges::any_of(names, [&, &name = name](const std::string& text) { return text.ends_with(name); });
        EXPECT_TRUE(is_there || name == "--settle") << form.name << " " << name;
      }
    }
  }
}

}  // namespace
}  // namespace headgate::loadtest::plan
