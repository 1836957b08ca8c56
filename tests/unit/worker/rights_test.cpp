// Where rights are checked: PUBLISH, SUBSCRIBE, each way on which a message reaches a client, and changes of the rules.

#include <memory>

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

using headgate::tests::denials;
using mqtt::version;

std::shared_ptr<const denials> rules(denials all) {
  return std::make_shared<const denials>(std::move(all));
}
// Nobody may read what is below "secret".
std::shared_ptr<const denials> secret() {
  return rules({{"", "secret/#"}});
}
fleet with(std::shared_ptr<const denials> rights, std::uint16_t workers = 1) {
  return {workers, {1}, 1, std::move(rights)};
}

struct guarded {
  explicit guarded(std::shared_ptr<const denials> rights, std::uint16_t workers = 1, base::limits limits = {})
      : talk(limits, with(std::move(rights), workers)), publisher(talk.join("p", version::v5)) {}

  // A public message and a secret one, in this order and once more.
  void publish_all(int qos) {
    static constexpr const char* topics[] = {"public/1", "secret/1", "public/2", "secret/2"};
    for (const auto* topic : topics) {
      talk.publish(publisher, topic, topic, qos, static_cast<std::uint16_t>(next_id++));
    }
    talk.turn();
    talk.take(publisher);
  }
  std::uint64_t refused() { return talk.view().gateway.deliveries_refused; }

  conversation talk;
  std::uint32_t publisher;
  int next_id = 1;
};

const std::vector<std::string> allowed{"public/1", "public/2"};

}  // namespace

// auth.tell_reasons: off, MQTT 5 hears of an unspecified error, and no word of why.
TEST(rights, reasons_that_are_not_told_are_an_unspecified_error) {
  auto closed = with(rules({{"", "closed", true, true}}));
  closed.tell_reasons = false;
  conversation talk({}, closed);
  const auto client = talk.join("c", version::v5);
  talk.publish(client, "closed", "x", 1, 1);
  talk.publish(client, "closed", "x", 2, 2);
  talk.say(client, talk.subscribe_packet(client, "closed", 1));
  talk.turn();
  EXPECT_EQ(talk.hear(client), (lines{"puback #1 80", "pubrec #2 80", "suback #7 80"}));
  mqtt::connect with_will;
  with_will.will.emplace();
  with_will.will->topic = "closed";
  EXPECT_EQ(talk.take(talk.come("d", with_will)), hex({0x20, 3, 0, 0x80, 0}));
}

TEST(rights, publish_that_is_not_allowed_is_answered_0x87_in_5_and_acknowledged_in_3_x_and_dropped) {
  conversation talk({}, with(rules({{"", "closed", false, true}})));
  const auto watcher = talk.join("w");
  talk.subscribe(watcher, "closed", 2);
  for (const auto version : {version::v5, version::v3_1_1}) {
    const auto client = talk.join("c", version);
    for (int qos = 0; qos < 3; ++qos) talk.publish(client, "closed", "x", qos, static_cast<std::uint16_t>(qos));
    talk.turn();
    EXPECT_EQ(talk.hear(client),
              version == version::v5 ? (lines{"puback #1 87", "pubrec #2 87"}) : (lines{"puback #1", "pubrec #2"}));
    talk.publish(client, "open", "x", 1, 3);
    talk.turn();
    EXPECT_EQ(talk.hear(client), lines{"puback #3"});
  }
  EXPECT_EQ(talk.hear(watcher), lines{});
  EXPECT_EQ(talk.view().gateway.publishes_refused, 6U);
  EXPECT_EQ(talk.log.of("client_publish_refused").size(), 2U) << "one for each connection";
}

// Its packet id stands in the session until PUBREL, which an error in PUBREC would never bring.
TEST(rights, publish_at_qos_2_that_was_taken_stays_taken_when_its_right_goes) {
  conversation talk({}, with(rules({})));
  const auto client = talk.join("c", version::v5);
  talk.publish(client, "t", "x", 2, 9);
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"pubrec #9"});
  talk.change_rights(rules({{"", "t", false, true}}));
  talk.publish(client, "t", "x", 2, 9);
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"pubrec #9"});
  talk.say(client, talk.pubrel(9));
  talk.publish(client, "t", "y", 2, 9);
  talk.turn();
  EXPECT_EQ(talk.hear(client), (lines{"pubcomp #9", "pubrec #9 87"}));
}

TEST(rights, subscribe_to_nothing_that_it_may_read_is_refused_with_0x87_and_in_3_x_0x80) {
  conversation talk({}, with(rules({{"", "secret/#"}, {"nobody", "#"}})));
  for (const auto version : {version::v5, version::v3_1_1}) {
    const auto code = version == version::v5 ? " 87" : " 80";
    const auto client = talk.join("c", version);
    talk.say(client, talk.subscribe_packet(client, "secret/1", 1));
    talk.say(client, talk.subscribe_packet(client, "secret/#", 1));
    talk.say(client, talk.subscribe_packet(client, "#", 1));
    talk.turn();
    EXPECT_EQ(talk.hear(client),
              (lines{"suback #7" + std::string(code), "suback #7" + std::string(code), "suback #7 01"}));
    const auto nobody = talk.join("nobody", version);
    talk.say(nobody, talk.subscribe_packet(nobody, "#", 1));
    talk.turn();
    EXPECT_EQ(talk.hear(nobody), lines{"suback #7" + std::string(code)});
  }
  EXPECT_EQ(talk.view().gateway.subscribes_refused, 6U);
  EXPECT_EQ(talk.log.of("client_subscribe_refused").size(), 4U) << "one for each connection";
}

TEST(rights, shared_filter_is_asked_for_without_its_prefix) {
  conversation talk({}, with(secret()));
  const auto client = talk.join("c", version::v5);
  talk.say(client, talk.subscribe_packet(client, "$share/g/secret/1", 1));
  talk.say(client, talk.subscribe_packet(client, "$share/g/public", 1));
  talk.turn();
  EXPECT_EQ(talk.hear(client), (lines{"suback #7 87", "suback #7 01"}));
}

TEST(rights, wildcard_shows_no_forbidden_topic_at_any_qos) {
  for (int qos = 0; qos < 3; ++qos) {
    guarded run(secret());
    const auto client = run.talk.join("c");
    run.talk.subscribe(client, "#", qos);
    run.publish_all(2);
    EXPECT_EQ(run.talk.take_payloads(client), allowed);
    EXPECT_EQ(run.refused(), 2U);
  }
}

TEST(rights, literal_filters_and_wildcards_that_may_be_read_whole_are_not_asked_for_again) {
  guarded run(rules({{"other", "#"}}));
  const auto client = run.talk.join("c");
  run.talk.subscribe(client, "#", 1);
  run.talk.subscribe(client, "public/1", 1);
  const auto before = run.talk.rights_asked();
  run.publish_all(0);
  EXPECT_EQ(run.talk.rights_asked() - before, 4U) << "whether they may be published";
  run.publish_all(0);
  EXPECT_EQ(run.talk.rights_asked() - before, 4U) << "that is kept";
  EXPECT_EQ(run.talk.take_payloads(client).size(), 8U);
}

TEST(rights, verdicts_about_messages_are_kept) {
  guarded run(secret());
  const auto client = run.talk.join("c");
  run.talk.subscribe(client, "#", 0);
  run.publish_all(0);
  const auto before = run.talk.rights_asked();
  for (int n = 0; n < 10; ++n) run.publish_all(0);
  EXPECT_EQ(run.talk.rights_asked(), before);
  EXPECT_EQ(run.talk.take_payloads(client).size(), 22U);
}

TEST(rights, topics_too_long_to_be_kept_are_asked_for_each_time) {
  const auto longer = "secret/" + std::string(200, 'x');
  conversation talk({}, with(secret()));
  const auto client = talk.join("c");
  talk.subscribe(client, "#", 0);
  for (int n = 0; n < 3; ++n) talk.publish(client, longer, "x");
  talk.publish(client, "public/" + longer, "y");
  talk.turn();
  EXPECT_EQ(talk.take_payloads(client), std::vector<std::string>{"y"});
}

TEST(rights, several_filters_of_a_session_show_no_forbidden_topic_and_count_it_once) {
  guarded run(secret());
  const auto client = run.talk.join("c", version::v5);
  for (const auto& [filter, identifier] : {std::pair{"#", 1U}, {"+/+", 2U}, {"public/1", 3U}}) {
    run.talk.say(client,
                 run.talk.subscribe_packet(client, {filter, mqtt::qos::at_least_once, false, false, 0}, identifier));
    run.talk.turn();
    run.talk.hear(client);
  }
  run.publish_all(1);
  EXPECT_EQ(run.talk.hear(client),
            (lines{"publish q1 #1 id=3 id=1 id=2 public/1 public/1", "publish q1 #2 id=1 id=2 public/2 public/2"}));
  EXPECT_EQ(run.refused(), 2U);
}

TEST(rights, what_waits_for_room_is_asked_for_when_it_is_sent) {
  guarded run(rules({}), 1, {.max_inflight = 1});
  const auto client = run.talk.join("c");
  run.talk.subscribe(client, "#", 1);
  run.publish_all(1);
  run.publish_all(1);
  run.talk.change_rights(secret());
  run.talk.turn();
  std::vector<std::string> got;
  for (;;) {
    const auto publishes = run.talk.take_publishes(client);
    if (publishes.empty()) break;
    for (const auto& each : publishes) got.push_back(each.topic);
    run.talk.acknowledge(client, publishes);
    run.talk.turn();
  }
  EXPECT_EQ(got, (std::vector<std::string>{"public/1", "public/2", "public/1", "public/2"}));
}

// It reads the log, and what was in flight is sent again: nothing forbidden by now, though it was not when it came.
TEST(rights, session_that_comes_back_is_shown_nothing_that_was_forbidden_meanwhile) {
  for (int qos = 1; qos < 3; ++qos) {
    guarded run(rules({}), 2, {.max_inflight = 4});
    auto& talk = run.talk;
    const mqtt::connect keeping{.session_expiry_interval_s = 60};
    auto client = talk.come("c", keeping);
    talk.hear(client);
    talk.subscribe(client, "#", qos);
    run.publish_all(2);
    EXPECT_EQ(talk.take_publishes(client).size(), 4U);
    run.publish_all(2);
    talk.lose(client);
    run.publish_all(2);
    talk.change_rights(secret());
    talk.turn();
    client = talk.come("c", keeping, version::v5, 1);
    const auto q = "publish q" + std::to_string(qos);
    const auto first = q + " #1 dup public/1 public/1";
    const auto third = q + " #3 dup public/2 public/2";
    // PUBREL waits until the store knows that the message will not be sent again.
    EXPECT_EQ(talk.hear(client), qos == 1 ? (lines{"connack present 00", first, third})
                                          : (lines{"connack present 00", first, third, "pubrel #2", "pubrel #4"}));
    for (const int id : {1, 3}) talk.say(client, qos == 1 ? talk.puback(id) : talk.pubrec(id) + talk.pubcomp(id));
    for (const int id : {2, 4}) talk.say(client, qos == 1 ? "" : talk.pubcomp(id));
    talk.turn();
    std::vector<std::string> topics;
    for (const auto& line : talk.hear(client)) {
      if (!line.starts_with("pubrel")) topics.push_back(line);
    }
    EXPECT_EQ(topics, (lines{q + " #5 public/1 public/1", q + " #6 public/2 public/2", q + " #7 public/1 public/1",
                             q + " #8 public/2 public/2"}));
    EXPECT_GT(run.refused(), 1U);
    EXPECT_EQ(talk.view().gateway.lost_inflight, 0U);
  }
}

TEST(rights, retained_messages_are_asked_for_one_by_one) {
  for (int qos = 0; qos < 2; ++qos) {
    guarded run(secret());
    for (const auto* topic : {"public/1", "secret/1", "secret/2", "public/2"}) {
      run.talk.publish_retained(run.publisher, topic, topic, 1);
      run.talk.turn();
    }
    const auto client = run.talk.join("c");
    run.talk.say(client, run.talk.subscribe_packet(client, "#", qos));
    run.talk.turn();
    const auto heard = run.talk.hear(client);
    ASSERT_EQ(heard.size(), 3U);
    EXPECT_TRUE(heard[1].ends_with("retain public/1 public/1")) << heard[1];
    EXPECT_TRUE(heard[2].ends_with("retain public/2 public/2")) << heard[2];
    EXPECT_EQ(run.refused(), 2U);
  }
}

TEST(rights, group_gives_a_message_to_a_member_that_may_read_it) {
  for (int qos = 0; qos < 2; ++qos) {
    guarded run(rules({{"low", "secret/#"}}));
    const auto low = run.talk.join("low", version::v5);
    const auto high = run.talk.join("high", version::v5);
    for (const auto member : {low, high}) run.talk.subscribe(member, "$share/g/#", qos);
    for (int n = 0; n < 4; ++n) run.publish_all(qos);
    std::size_t shown = 0;
    for (const auto& each : run.talk.take_publishes(low)) {
      EXPECT_TRUE(each.topic.starts_with("public")) << each.topic;
      ++shown;
    }
    shown += run.talk.take_publishes(high).size();
    EXPECT_EQ(shown, 16U);
    EXPECT_EQ(run.refused(), 0U);
  }
}

TEST(rights, group_whose_members_may_not_read_a_message_goes_on_without_it) {
  for (int qos = 0; qos < 3; ++qos) {
    guarded run(secret());
    const auto member = run.talk.join("m", version::v5);
    run.talk.subscribe(member, "$share/g/#", qos);
    for (int n = 0; n < 100; ++n) run.publish_all(qos == 0 ? 0 : 1);
    std::size_t shown = 0;
    for (;;) {
      const auto publishes = run.talk.take_publishes(member);
      if (publishes.empty()) break;
      for (const auto& each : publishes) shown += each.topic.starts_with("public") ? 1 : 1000;
      run.talk.acknowledge(member, publishes);
      run.talk.turn();
    }
    EXPECT_EQ(shown, 200U);
    // At QoS 0 it ends at the worker, above it at the shard.
    EXPECT_EQ(run.refused(), qos == 0 ? 200U : 0U);
    EXPECT_EQ(run.talk.view().shard.group_refused, qos == 0 ? 0U : 200U);
    EXPECT_EQ(run.talk.view().shard.group_returned, qos == 0 ? 0U : 200U);
  }
}

TEST(rights, change_takes_effect_on_who_is_connected_in_both_directions) {
  guarded run(rules({}), 3);
  auto& talk = run.talk;
  std::vector<std::uint32_t> clients;
  for (std::uint16_t n = 0; n < 3; ++n) {
    clients.push_back(talk.join("c" + std::to_string(n), version::v5, {}, n));
    talk.subscribe(clients.back(), n == 0 ? "#" : n == 1 ? "secret/1" : "$share/g/+/1", 1);
  }
  const auto publish = [&] {
    run.publish_all(1);
    std::vector<std::size_t> counts;
    for (const auto client : clients) {
      const auto publishes = talk.take_publishes(client);
      counts.push_back(publishes.size());
      talk.acknowledge(client, publishes);
    }
    talk.turn();
    return counts;
  };
  using counts = std::vector<std::size_t>;
  EXPECT_EQ(publish(), (counts{4, 1, 2}));
  talk.change_rights(secret());
  EXPECT_EQ(publish(), (counts{2, 0, 1})) << "a filter of which nothing may be read any more is held, and silent";
  talk.change_rights(nullptr);
  EXPECT_EQ(publish(), (counts{4, 1, 2})) << "no rules any more";
  talk.change_rights(rules({{"c0", "#"}}));
  EXPECT_EQ(publish(), (counts{0, 1, 2}));
  const auto before = talk.rights_asked();
  talk.change_rights(nullptr);
  talk.turn();
  EXPECT_EQ(publish(), (counts{4, 1, 2}));
  // That c1 may read its one topic, once, on the way through all sessions.
  EXPECT_EQ(talk.rights_asked() - before, 1U);
}

// More subscriptions than one turn looks at: those that it has not come to are asked for message by message.
TEST(rights, change_takes_effect_before_everybody_has_been_looked_at) {
  if (completes_later()) GTEST_SKIP() << "a matter of turns, and of more answers than can be waited for";
  constexpr std::uint32_t filters = 3 * base::change_walk_steps / base::change_walk_subscription_steps;
  guarded run(rules({}));
  const auto many = run.talk.join("many");
  for (std::uint32_t n = 0; n < filters; ++n) {
    run.talk.say(many, run.talk.subscribe_packet(many, "many/" + std::to_string(n), 0));
  }
  run.talk.turn();
  run.talk.take(many);
  const auto late = run.talk.join("late");
  run.talk.subscribe(many, "secret/+", 0);
  run.talk.subscribe(late, "secret/+", 0);
  run.talk.change_rights(secret());
  run.talk.publish(run.publisher, "secret/1", "x");
  int turns = 0;
  do {
    run.talk.turn_a_little();
    ++turns;
    run.talk.publish(run.publisher, "secret/1", "x");
  } while (run.talk.worker.gateway().rights_walk.session != proxy::gateway::rights_walk::over);
  run.talk.turn();
  EXPECT_GE(turns, 3);
  EXPECT_EQ(run.talk.hear(many), lines{});
  EXPECT_EQ(run.talk.hear(late), lines{});
  EXPECT_GE(run.refused(), 2U * static_cast<unsigned>(turns));
}

TEST(rights, topics_of_the_server_are_shown_by_the_rules_alone) {
  for (const bool granted : {true, false}) {
    conversation talk({}, with(granted ? nullptr : rules({{"", "$SYS/#"}})));
    const auto client = talk.join("c");
    talk.say(client, talk.subscribe_packet(client, "$SYS/#", 0));
    talk.say(client, talk.subscribe_packet(client, "#", 0));
    talk.turn();
    EXPECT_EQ(talk.hear(client), (lines{granted ? "suback #7 00" : "suback #7 80", "suback #7 00"}));
  }
}

}  // namespace headgate::worker::testing
