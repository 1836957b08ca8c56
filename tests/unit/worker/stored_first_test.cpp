// What is in the session store before it goes out, and what is written there now and then (DESIGN.md, section 3).

#include <set>

#include "tests/support/patient_session_store.hpp"
#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

using stored_state = session_store::stored_inflight::state;

struct stored_run {
  headgate::tests::patient_session_store* store = nullptr;
  conversation talk{{}, fleet_of(*this)};

  static fleet fleet_of(stored_run& run) {
    fleet made;
    made.sessions = [&run](session_store::answers& answers, base::clock& clock) {
      auto store = std::make_unique<headgate::tests::patient_session_store>(answers, clock);
      run.store = store.get();
      return store;
    };
    return made;
  }

  std::uint32_t subscriber(std::string_view id, std::string_view filter, int qos) {
    const auto client = talk.come(id, {.session_expiry_interval_s = 60});
    talk.hear(client);
    talk.subscribe(client, filter, qos);
    return client;
  }
  void answer_all() {
    talk.worker.letters().post([this] { store->answer_all(); });
    talk.turn();
  }
};

}  // namespace

TEST(stored_first, qos_2_goes_out_when_the_store_has_it_and_pubrel_again) {
  stored_run run;
  auto& talk = run.talk;
  const auto publisher = talk.join("p");
  const auto subscriber = run.subscriber("s", "t", 2);
  run.store->waits = true;
  talk.publish(publisher, "t", "two", 2, 1);
  talk.publish(publisher, "t", "one", 1, 2);
  talk.turn();
  EXPECT_EQ(talk.hear(subscriber), lines{});
  const auto& sent = run.store->saved.back();
  ASSERT_EQ(sent.inflight.size(), 2U);
  EXPECT_EQ(sent.inflight[0].qos, 2);
  EXPECT_EQ(sent.inflight[0].progress, stored_state::sent);
  const auto saves = run.store->saved.size();
  talk.publish(publisher, "t", "none", 0);
  talk.turn();
  EXPECT_EQ(run.store->saved.size(), saves) << "what waits behind needs no save of its own";
  run.answer_all();
  EXPECT_EQ(talk.hear(subscriber), (lines{"publish q2 #1 t two", "publish q1 #2 t one", "publish q0 t none"}));
  talk.say(subscriber, conversation::puback(2));

  talk.say(subscriber, conversation::pubrec(1));
  talk.turn();
  EXPECT_EQ(talk.hear(subscriber), lines{});
  EXPECT_EQ(run.store->saved.back().inflight[0].progress, stored_state::received);
  run.answer_all();
  EXPECT_EQ(talk.hear(subscriber), lines{"pubrel #1"});
}

// Found by sim --kills: the next owner sent the message again under an id that the client had done with.
TEST(stored_first, pubrel_of_what_is_not_sent_again) {
  stored_run run;
  auto& talk = run.talk;
  const auto publisher = talk.join("p");
  auto subscriber = run.subscriber("s", "t", 2);
  talk.publish(publisher, "t", std::string(200, 'x'), 2, 1);
  talk.turn();
  EXPECT_EQ(talk.take_publishes(subscriber).size(), 1U);
  talk.lose(subscriber);
  talk.turn();
  run.store->waits = true;
  mqtt::connect smaller;
  smaller.session_expiry_interval_s = 60;
  smaller.maximum_packet_size = 100;
  subscriber = talk.come("s", smaller);
  talk.turn();
  EXPECT_EQ(talk.hear(subscriber), lines{"connack present 00"});
  ASSERT_FALSE(run.store->saved.empty());
  EXPECT_EQ(run.store->saved.back().inflight[0].progress, stored_state::received);
  run.answer_all();
  EXPECT_EQ(talk.hear(subscriber), lines{"pubrel #1"});
}

// Should the process die before the session has ended, its client may send the message once more [MQTT-4.3.3-10].
TEST(stored_first, shard_forgets_what_a_session_had_under_way_when_its_end_is_stored) {
  stored_run run;
  auto& talk = run.talk;
  const auto publisher = run.subscriber("p", "none", 0);
  talk.publish(publisher, "t", "x", 2, 1);
  talk.turn();
  EXPECT_EQ(talk.hear(publisher), lines{"pubrec #1"});
  run.store->releases_wait = true;
  talk.say(publisher, hex({0xe0, 7, 0, 5, 0x11, 0, 0, 0, 0}));  // DISCONNECT, Session Expiry Interval 0
  talk.turn();
  EXPECT_EQ(talk.view().shard.exchanges, 1U);
  run.answer_all();
  EXPECT_EQ(talk.view().shard.exchanges, 0U);
}

TEST(stored_first, order_of_qos_2_stays_and_its_bytes_are_bounded) {
  stored_run run;
  auto& talk = run.talk;
  const auto publisher = talk.join("p");
  const auto subscriber = run.subscriber("s", "t", 2);
  run.store->waits = true;
  const std::string large(64 * 1024, 'x');
  for (std::uint16_t n = 1; n <= 100; ++n) {
    talk.publish(publisher, "t", std::to_string(n) + large, 1, n);
    talk.publish(publisher, "t", std::to_string(n), 2, static_cast<std::uint16_t>(n + 1000));
    talk.say(publisher, conversation::pubrel(n + 1000));
    talk.turn();
    talk.hear(publisher);
  }
  int expected = 1;
  int expected_large = 1;
  for (int round = 0; round < 1000 && expected <= 100; ++round) {
    run.answer_all();
    for (const auto& publish : talk.take_publishes(subscriber)) {
      if (publish.qos == 1) {
        EXPECT_EQ(publish.payload, std::to_string(expected_large++) + large);
        EXPECT_EQ(expected_large, expected + 1) << "each is before the other of its turn";
      } else {
        EXPECT_EQ(publish.payload, std::to_string(expected++));
      }
    }
    talk.turn();
  }
  EXPECT_EQ(expected, 101);
}

TEST(stored_first, no_more_than_an_output_waits_for_the_store) {
  stored_run run;
  auto& talk = run.talk;
  talk.limits.max_output_bytes = 100'000;
  talk.set_limits();
  const auto publisher = talk.join("p");
  const auto subscriber = run.subscriber("s", "t", 2);
  run.store->waits = true;
  const std::string large(40'000, 'x');
  for (std::uint16_t n = 1; n <= 20; ++n) {
    talk.publish(publisher, "t", large, 2, n);
    talk.turn();
  }
  const auto& session = talk.worker.gateway().sessions[subscriber];
  EXPECT_EQ(session.inflight.count(), 3);
  std::size_t received = 0;
  for (int round = 0; round < 100 && received < 20; ++round) {
    run.answer_all();
    received += talk.take_publishes(subscriber).size();
  }
  EXPECT_EQ(received, 20U);
}

TEST(stored_first, without_a_session_that_outlives_the_connection_nothing_waits) {
  stored_run run;
  auto& talk = run.talk;
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s", mqtt::version::v5);
  talk.subscribe(subscriber, "t", 2);
  talk.publish(publisher, "t", "two", 2, 1);
  talk.turn();
  EXPECT_EQ(talk.hear(subscriber), lines{"publish q2 #1 t two"});
  EXPECT_TRUE(run.store->saved.empty());
}

TEST(stored_first, alias_is_not_brought_by_what_goes_out_late) {
  stored_run run;
  auto& talk = run.talk;
  const auto publisher = talk.join("p");
  const auto subscriber = talk.come("s", {.session_expiry_interval_s = 60, .topic_alias_maximum = 5});
  talk.hear(subscriber);
  talk.subscribe(subscriber, "t", 2);
  run.store->waits = true;
  talk.publish(publisher, "t", "two", 2, 1);
  talk.publish(publisher, "t", "one", 1, 2);
  talk.turn();
  run.answer_all();
  const auto both = talk.take_publishes(subscriber);
  ASSERT_EQ(both.size(), 2U);
  for (const auto& publish : both) EXPECT_EQ(publish.topic, "t");
}

TEST(stored_first, what_a_client_may_not_be_shown_any_more_does_not_go_out) {
  stored_run run;
  auto& talk = run.talk;
  const auto publisher = talk.join("p");
  const auto subscriber = run.subscriber("s", "#", 2);
  run.store->waits = true;
  talk.publish(publisher, "t", "secret", 2, 1);
  talk.publish(publisher, "u", "open", 2, 2);
  talk.turn();
  talk.change_rights(std::make_shared<const headgate::tests::denials>(headgate::tests::denials{{"s", "t"}}));
  talk.turn();
  run.answer_all();
  EXPECT_EQ(talk.hear(subscriber), lines{"publish q2 #2 u open"});
  EXPECT_EQ(talk.worker.gateway().sessions[subscriber].inflight.count(), 1);
}

// [MQTT-4.8.2-4]: a QoS 2 message is its member's once that has it.
TEST(stored_first, group_has_a_qos_2_message_until_its_member_has_it) {
  stored_run run;
  auto& talk = run.talk;
  const auto publisher = talk.join("p");
  const auto first = run.subscriber("m1", "$share/g/t", 2);
  run.store->waits = true;
  talk.publish(publisher, "t", "two", 2, 1);
  talk.turn();
  EXPECT_EQ(talk.hear(first), lines{});
  talk.lose(first);
  ASSERT_EQ(run.store->released.size(), 1U);
  for (const auto& place : run.store->released.back().inflight) EXPECT_EQ(place.progress, stored_state::done);
  run.store->waits = false;
  const auto second = talk.come("m2", {.session_expiry_interval_s = 60});
  talk.hear(second);
  talk.say(second, talk.subscribe_packet(second, "$share/g/t", 2));
  talk.turn();
  EXPECT_EQ(talk.hear(second).back(), "publish q2 #1 t two");
  // What it has is not given to another.
  const auto third = run.subscriber("m3", "$share/g/t", 2);
  talk.lose(second);
  EXPECT_EQ(talk.hear(third), lines{});
}

TEST(stored_first, member_that_unsubscribes_keeps_what_is_on_its_way) {
  stored_run run;
  auto& talk = run.talk;
  const auto publisher = talk.join("p");
  const auto member = run.subscriber("m1", "$share/g/t", 2);
  const auto other = run.subscriber("m2", "$share/g/t", 2);
  run.store->waits = true;
  talk.publish(publisher, "t", "one", 2, 1);
  talk.publish(publisher, "t", "two", 2, 2);
  talk.turn();
  talk.say(member, talk.unsubscribe_packet(member, "$share/g/t"));
  talk.turn();
  run.answer_all();
  run.store->waits = false;
  run.answer_all();
  std::multiset<std::string> payloads;
  for (const auto client : {member, other}) {
    for (const auto& line : talk.hear(client)) {
      if (line.starts_with("publish")) payloads.insert(line.substr(line.rfind(' ') + 1));
    }
  }
  EXPECT_EQ(payloads, (std::multiset<std::string>{"one", "two"}));
}

// It lets go of a message and leaves in one turn: nobody is told any more when the store has that.
TEST(stored_first, shard_forgets_what_was_let_go_of_in_the_turn_in_which_its_client_left) {
  stored_run run;
  auto& talk = run.talk;
  const auto publisher = run.subscriber("p", "none", 0);
  talk.publish(publisher, "t", "x", 2, 1);
  talk.turn();
  EXPECT_EQ(talk.hear(publisher), lines{"pubrec #1"});
  talk.say(publisher, conversation::pubrel(1) + hex({0xe0, 0}));
  talk.turn();
  EXPECT_EQ(talk.view().shard.exchanges, 0U);
}

// The owner that died gave packet ids which an application may acknowledge late.
TEST(stored_first, packet_ids_go_on_far_behind_those_of_an_owner_that_died) {
  stored_run run;
  auto& talk = run.talk;
  const auto publisher = talk.join("p");
  const auto before = run.subscriber("s", "t", 2);
  talk.publish(publisher, "t", "two", 2, 1);
  talk.publish(publisher, "t", "one", 1, 2);
  talk.turn();
  EXPECT_EQ(talk.take_publishes(before).size(), 2U);
  run.store->owners_are_dead = true;
  const auto after = talk.come("s", {.session_expiry_interval_s = 60});
  talk.turn();
  talk.publish(publisher, "t", "next", 1, 3);
  talk.turn();
  EXPECT_EQ(talk.hear(after), (lines{"connack present 00", "publish q2 #1 dup t two", "publish q1 #2 dup t one",
                                     "publish q1 #32771 t next"}));
  // As that owner leaves it, so it goes on.
  run.store->owners_are_dead = false;
  talk.lose(after);
  const auto again = talk.come("s", {.session_expiry_interval_s = 60});
  talk.turn();
  talk.publish(publisher, "t", "last", 1, 4);
  talk.turn();
  EXPECT_EQ(talk.hear(again), (lines{"connack present 00", "publish q2 #1 dup t two", "publish q1 #2 dup t one",
                                     "publish q1 #32771 dup t next", "publish q1 #32772 t last"}));
}

TEST(stored_first, packet_ids_go_on_so_also_behind_a_connection_that_was_cut_at_once) {
  for (const bool in_flight : {true, false}) {
    stored_run run;
    auto& talk = run.talk;
    const auto publisher = talk.join("p");
    const auto before = run.subscriber("s", "t", 2);
    if (in_flight) talk.publish(publisher, "t", "two", 2, 1);
    talk.turn();
    talk.hear(before);
    run.store->owners_are_dead = run.store->claims_wait = true;
    talk.lose(talk.come("s", {.session_expiry_interval_s = 60}));
    run.answer_all();
    run.store->owners_are_dead = run.store->claims_wait = false;
    const auto after = talk.come("s", {.session_expiry_interval_s = 60});
    talk.turn();
    talk.publish(publisher, "t", "next", 1, 3);
    talk.turn();
    auto expected = lines{"connack present 00", "publish q2 #1 dup t two", "publish q1 #32770 t next"};
    if (!in_flight) expected = lines{"connack present 00", "publish q1 #32769 t next"};
    EXPECT_EQ(talk.hear(after), expected);
  }
}

TEST(checkpoints, what_was_acknowledged_is_stored_once_a_second) {
  stored_run run;
  auto& talk = run.talk;
  const auto publisher = talk.join("p");
  const auto subscriber = run.subscriber("s", "t", 1);
  talk.advance_s(2);
  const auto before = run.store->saved.size();
  for (std::uint16_t n = 1; n <= 10; ++n) {
    talk.publish(publisher, "t", "x", 1, n);
    talk.turn();
    talk.acknowledge(subscriber, talk.take_publishes(subscriber));
    talk.turn();
  }
  EXPECT_EQ(run.store->saved.size(), before);
  talk.advance_s(1);
  ASSERT_EQ(run.store->saved.size(), before + 1);
  EXPECT_TRUE(run.store->saved.back().inflight.empty());
  ASSERT_EQ(run.store->saved.back().positions.size(), 1U);
  EXPECT_EQ(run.store->saved.back().positions[0].next, 10U);
  talk.advance_s(1);
  EXPECT_EQ(run.store->saved.size(), before + 1);
}

// It may have been under way, or due, when the connection before ended.
TEST(checkpoints, session_that_came_back_to_the_same_place_is_stored_as_any_other) {
  for (const bool under_way : {false, true}) {
    stored_run run;
    auto& talk = run.talk;
    talk.network.reuse_numbers = true;
    const auto publisher = talk.join("p");
    const auto subscriber = run.subscriber("s", "t", 1);
    talk.advance_s(2);
    const auto take_one = [&](std::uint16_t packet_id) {
      talk.publish(publisher, "t", "x", 1, packet_id);
      talk.turn();
      talk.acknowledge(subscriber, talk.take_publishes(subscriber));
      talk.turn();
    };
    take_one(1);
    run.store->waits = under_way;
    if (under_way) talk.advance_s(1);
    talk.lose(subscriber);
    run.store->waits = false;
    run.answer_all();
    const auto again = talk.come("s", {.session_expiry_interval_s = 60});
    ASSERT_EQ(talk.hear(again), lines{"connack present 00"});
    ASSERT_EQ(again, subscriber) << "it has to be in the same place";
    const auto before = run.store->saved.size();
    take_one(2);
    talk.advance_s(1);
    ASSERT_EQ(run.store->saved.size(), before + 1);
    EXPECT_EQ(run.store->saved.back().positions[0].next, 2U);
  }
}

TEST(checkpoints, one_at_a_time_while_the_store_is_slow) {
  stored_run run;
  auto& talk = run.talk;
  const auto publisher = talk.join("p");
  const auto subscriber = run.subscriber("s", "t", 1);
  run.store->waits = true;
  const auto before = run.store->saved.size();
  for (std::uint16_t n = 1; n <= 5; ++n) {
    talk.publish(publisher, "t", "x", 1, n);
    talk.turn();
    talk.acknowledge(subscriber, talk.take_publishes(subscriber));
    talk.advance_s(1);
  }
  EXPECT_EQ(run.store->saved.size(), before + 1);
  EXPECT_EQ(talk.worker.gateway().progressed.size(), 1U);
  run.answer_all();
  talk.advance_s(1);
  ASSERT_EQ(run.store->saved.size(), before + 2);
  EXPECT_EQ(run.store->saved.back().positions[0].next, 5U);
}

TEST(checkpoints, of_very_many_filters_are_fewer) {
  stored_run run;
  auto& talk = run.talk;
  const auto publisher = talk.join("p");
  const auto subscriber = run.subscriber("s", "t", 1);
  for (std::size_t n = 0; n < 3 * base::checkpointed_filters; ++n) {
    talk.subscribe(subscriber, "f/" + std::to_string(n), 1);
  }
  const auto before = run.store->saved.size();
  for (std::uint16_t n = 1; n <= 40; ++n) {
    talk.publish(publisher, "t", "x", 1, n);
    talk.turn();
    talk.acknowledge(subscriber, talk.take_publishes(subscriber));
    talk.advance_s(1);
  }
  EXPECT_GE(run.store->saved.size() - before, 9U);
  EXPECT_LE(run.store->saved.size() - before, 11U);
}

TEST(checkpoints, session_that_gets_nothing_is_stored_once_an_hour) {
  stored_run run;
  auto& talk = run.talk;
  const auto publisher = talk.join("p");
  run.subscriber("s", "quiet", 1);
  const auto before = run.store->saved.size();
  talk.publish(publisher, "t", "x", 1, 1);
  talk.turn();
  for (std::uint32_t s = 0; s < base::quiet_checkpoint_s + 1; s += 60) talk.advance_s(60);
  EXPECT_GT(run.store->saved.size(), before);
  EXPECT_LE(run.store->saved.size(), before + 62);
}

}  // namespace headgate::worker::testing
