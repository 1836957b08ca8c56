// Publishes that the log does not take: in MQTT 5 each is answered with 0x97, in 3.x the client is sent away without an
// answer, and what it sends again is taken when there is room.

#include "tests/support/patient_session_store.hpp"
#include "tests/support/scripted_log.hpp"
#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

// Takes everything, or nothing.
struct log_that_fills final : broker::tests::scripted_log {
  explicit log_that_fills(const bool& full) : full_(full) {}
  offset flush(base::instant now) override {
    refuse(full_ ? 1'000'000 : 0);
    const auto end = scripted_log::flush(now);
    commit(end);
    return end;
  }

 private:
  const bool& full_;
};

struct with_full_log {
  explicit with_full_log(std::uint16_t workers = 1, decltype(fleet::sessions) sessions = {})
      : talk({}, fleet_of(workers, std::move(sessions))) {
    talk.subscribe(reader, "t", 2);
  }

  fleet fleet_of(std::uint16_t workers, decltype(fleet::sessions) sessions) {
    fleet made;
    made.workers = workers;
    made.sessions = std::move(sessions);
    made.log = [this](base::shard_id) { return std::make_unique<log_that_fills>(full); };
    return made;
  }
  lines publish(std::uint32_t client, int qos, std::uint16_t packet_id, std::string_view payload = "x") {
    talk.publish(client, "t", payload, qos, packet_id);
    talk.turn();
    return talk.hear(client);
  }
  // What the reader was given since it was last asked, of QoS 2 without going on.
  std::vector<std::string> arrived() { return talk.take_payloads(reader); }

  bool full = false;
  conversation talk;
  std::uint32_t reader = talk.join("reader", mqtt::version::v5);
};

struct seen_store {
  headgate::tests::patient_session_store* store = nullptr;
};

// With a store of sessions that does as the test says.
struct with_patient_store : seen_store, with_full_log {
  with_patient_store()
      : with_full_log(1, [this](session_store::answers& answers, base::clock& clock) {
          auto made = std::make_unique<headgate::tests::patient_session_store>(answers, clock);
          store = made.get();
          return made;
        }) {}
};

}  // namespace

TEST(refused_publish, is_answered_with_its_reason_in_mqtt_5) {
  for (const std::uint16_t workers : std::initializer_list<std::uint16_t>{1, 2}) {
    with_full_log run(workers);
    const auto client = run.talk.join("p", mqtt::version::v5, {}, static_cast<std::uint16_t>(workers - 1));
    run.full = true;
    EXPECT_EQ(run.publish(client, 1, 1), lines{"puback #1 97"});
    EXPECT_EQ(run.publish(client, 2, 2), lines{"pubrec #2 97"});
    EXPECT_EQ(run.publish(client, 0, 0), lines{});
    EXPECT_TRUE(run.talk.is_open(client));
    EXPECT_EQ(run.talk.view().gateway.publishes_unacknowledged, 0U);
    run.full = false;
    EXPECT_EQ(run.publish(client, 1, 1, "later"), lines{"puback #1"});
    EXPECT_EQ(run.arrived(), (std::vector<std::string>{"x", "later"})) << "QoS 0 alone needs no room";
  }
}

// PUBREC with an error ends the exchange [MQTT-4.3.3-4]: the same packet id is another message.
TEST(refused_publish, of_qos_2_leaves_its_packet_id_free) {
  with_full_log run;
  const auto client = run.talk.join("p", mqtt::version::v5);
  run.full = true;
  EXPECT_EQ(run.publish(client, 2, 5, "a"), lines{"pubrec #5 97"});
  run.full = false;
  EXPECT_EQ(run.publish(client, 2, 5, "b"), lines{"pubrec #5"});
  EXPECT_EQ(run.publish(client, 2, 5, "b"), lines{"pubrec #5"});
  EXPECT_EQ(run.arrived(), std::vector<std::string>{"b"});
}

TEST(refused_publish, ends_the_connection_in_mqtt_3_without_an_answer) {
  for (const int qos : {1, 2}) {
    with_full_log run;
    const auto client = run.talk.come("p", {}, mqtt::version::v3_1_1);
    EXPECT_EQ(run.talk.hear(client), lines{"connack 00"});
    run.full = true;
    run.talk.publish(client, "t", "a", qos, 1);
    EXPECT_EQ(run.publish(client, qos, 2, "b"), lines{});
    EXPECT_FALSE(run.talk.is_open(client));
    EXPECT_EQ(run.talk.view().gateway.refused_malformed, 0U) << "nothing was wrong with what it sent";

    run.full = false;
    const auto back = run.talk.come("p", {}, mqtt::version::v3_1_1);
    EXPECT_EQ(run.talk.hear(back), lines{"connack present 00"});
    const std::string answer = qos == 1 ? "puback" : "pubrec";
    EXPECT_EQ(run.publish(back, qos, 1, "a"), lines{answer + " #1"});
    EXPECT_EQ(run.publish(back, qos, 2, "b"), lines{answer + " #2"});
    EXPECT_EQ(run.arrived(), (std::vector<std::string>{"a", "b"}));
  }
}

// The first time it was taken, and PUBREC did not arrive; the second time there is no room, and it is the same message.
TEST(refused_publish, that_had_been_taken_before_is_taken_once) {
  for (const auto version : {mqtt::version::v3_1_1, mqtt::version::v5}) {
    with_full_log run;
    const mqtt::connect keeping{.session_expiry_interval_s = 60};
    auto client = run.talk.come("p", keeping, version);
    EXPECT_EQ(run.publish(client, 2, 1, "a"), (lines{"connack 00", "pubrec #1"}));
    run.talk.lose(client);
    run.full = true;
    client = run.talk.come("p", keeping, version);
    const bool is_5 = version == mqtt::version::v5;
    EXPECT_EQ(run.publish(client, 2, 1, "a"),
              is_5 ? (lines{"connack present 00", "disconnect 97"}) : lines{"connack present 00"});
    EXPECT_FALSE(run.talk.is_open(client));
    run.full = false;
    client = run.talk.come("p", keeping, version);
    EXPECT_EQ(run.publish(client, 2, 1, "a"), (lines{"connack present 00", "pubrec #1"}));
    EXPECT_EQ(run.arrived(), std::vector<std::string>{"a"});
  }
}

// Whoever has as many unanswered as it may have is read again.
TEST(refused_publish, gives_the_receive_maximum_back) {
  with_full_log run;
  const auto client = run.talk.join("p", mqtt::version::v5);
  run.full = true;
  for (std::uint16_t id = 1; id <= run.talk.limits.inflight_in; ++id) run.talk.publish(client, "t", "x", 1, id);
  run.talk.turn();
  EXPECT_EQ(run.talk.hear(client).size(), run.talk.limits.inflight_in);
  EXPECT_EQ(run.publish(client, 1, 1), lines{"puback #1 97"});
}

// It stands in the store until the log has it, whoever ended its session; as many seconds as it takes.
TEST(refused_publish, will_of_a_session_that_is_stored_waits_for_room) {
  for (const std::uint32_t delay_s : {0U, 5U}) {
    with_full_log run(2);
    mqtt::connect packet{.session_expiry_interval_s = 60};
    packet.will.emplace();
    packet.will->topic = "t";
    packet.will->qos = mqtt::qos::exactly_once;
    packet.will->payload = base::as_bytes(std::string_view("gone"));
    packet.will->delay_interval_s = delay_s;
    const auto client = run.talk.join("p", mqtt::version::v5, packet, 1);
    run.full = true;
    run.talk.lose(client);
    for (int n = 0; n < 10; ++n) run.talk.advance_s(1);
    EXPECT_EQ(run.arrived(), std::vector<std::string>{});
    EXPECT_EQ(run.talk.view().store.kept, 1U);
    run.full = false;
    for (int n = 0; n < 3; ++n) run.talk.advance_s(1);
    EXPECT_EQ(run.arrived(), std::vector<std::string>{"gone"});
    EXPECT_EQ(run.talk.view().gateway.wills, 1U);
    for (std::uint16_t worker = 0; worker < 2; ++worker) {
      const auto& state = run.talk.worker_at(worker).gateway();
      EXPECT_EQ(state.wills.in_use() + state.releases.in_use(), 0U);
    }
  }
}

// Its owner was not waited for, so the store no longer takes its session, nor its will.
TEST(refused_publish, will_of_a_session_that_was_taken_by_force_comes_once) {
  for (const bool is_full : {false, true}) {
    with_patient_store run;
    auto& talk = run.talk;
    mqtt::connect packet{.session_expiry_interval_s = 100};
    packet.will.emplace();
    packet.will->topic = "t";
    packet.will->payload = base::as_bytes(std::string_view("gone"));
    packet.will->qos = mqtt::qos::at_least_once;
    const auto first = talk.come("a", packet);
    talk.turn();
    run.store->owners_are_dead = true;
    talk.come("a", {.session_expiry_interval_s = 100});
    talk.turn();
    run.full = is_full;
    talk.lose(first);
    talk.turn();
    if (is_full) {
      EXPECT_EQ(run.arrived(), std::vector<std::string>{});
      EXPECT_EQ(talk.view().gateway.wills_waiting, 1U);
      run.full = false;
      talk.advance_s(1);
    }
    EXPECT_EQ(run.arrived(), std::vector<std::string>{"gone"});
    talk.advance_s(5);
    EXPECT_EQ(run.arrived(), std::vector<std::string>{});
    EXPECT_EQ(talk.view().gateway.wills_waiting, 0U);
    EXPECT_EQ(talk.view().shard.exchanges, 0U);
  }
}

// However many they are, and what falls due meanwhile behind them.
TEST(refused_publish, wills_come_in_the_order_in_which_they_fell_due) {
  with_patient_store run;
  auto& talk = run.talk;
  std::vector<std::string> payloads;
  const auto fall_due = [&](int count) {
    for (int n = 0; n < count; ++n) {
      payloads.push_back(std::to_string(payloads.size()));
      session_store::stored_will will;
      will.client_id = "gone";
      will.topic = "t";
      will.payload = payloads.back();
      will.qos = 1;
      run.store->due.push_back({will.client_id, encode(will)});
    }
  };
  run.full = true;
  for (int n = 0; n < 3; ++n) {
    fall_due(40);
    talk.advance_s(1);
  }
  run.full = false;
  fall_due(40);
  std::vector<std::string> arrived;
  for (int n = 0; n < 10 && arrived.size() < payloads.size(); ++n) {
    talk.advance_s(1);
    for (auto& payload : run.arrived()) arrived.push_back(std::move(payload));
  }
  EXPECT_EQ(arrived, payloads);
}

// What is accepted is owed, so no more is accepted than can be kept.
TEST(refused_publish, client_with_a_will_is_refused_while_too_many_wait_for_room) {
  // So many, or so much.
  for (const auto& [count, payload_bytes] : {std::pair<std::size_t, std::size_t>{base::max_waiting_wills, 0},
                                             {1 + base::max_waiting_will_bytes / 60'000, 60'000}}) {
    with_patient_store run;
    auto& talk = run.talk;
    session_store::due due;
    due.client_id = "gone";
    session_store::stored_will will;
    will.client_id = due.client_id;
    will.topic = "nobody/reads/it";
    will.payload = std::string(payload_bytes, 'x');
    will.qos = 1;
    due.will = encode(will);
    run.full = true;
    run.store->due.assign(count, due);
    talk.advance_s(1);
    EXPECT_EQ(talk.view().gateway.wills_waiting, count);
    run.store->due.assign(1, due);
    talk.advance_s(1);
    talk.advance_s(1);
    EXPECT_EQ(run.store->due.size(), 1U) << "nothing more is swept";
    EXPECT_EQ(talk.log.of("wills_wait").size(), 1U);

    mqtt::connect packet{.session_expiry_interval_s = 100};
    packet.will.emplace();
    packet.will->topic = "t";
    packet.will->qos = mqtt::qos::at_least_once;
    EXPECT_EQ(talk.hear(talk.come("new", packet)), lines{"connack 97"});
    // Without a will that would wait here.
    EXPECT_EQ(talk.hear(talk.come("new", {})), lines{"connack 00"});
    auto unlogged = packet;
    unlogged.will->qos = mqtt::qos::at_most_once;
    EXPECT_EQ(talk.hear(talk.come("new", unlogged)), lines{"connack 00"});
    auto without_session = packet;
    without_session.session_expiry_interval_s = 0;
    EXPECT_EQ(talk.hear(talk.come("another", without_session)), lines{"connack 00"});
    run.full = false;
    talk.advance_s(1);
    EXPECT_EQ(talk.view().gateway.wills, count);
    EXPECT_EQ(talk.view().gateway.wills_waiting, 0U);
    EXPECT_EQ(talk.hear(talk.come("new", packet)), lines{"connack present 00"});
    talk.advance_s(1);
    EXPECT_TRUE(run.store->due.empty());
  }
}

TEST(refused_publish, nobody_waits_for_a_will_or_for_qos_0_with_retain) {
  with_full_log run;
  mqtt::connect packet;
  packet.will.emplace();
  packet.will->topic = "t";
  packet.will->qos = mqtt::qos::at_least_once;
  const auto client = run.talk.join("p", mqtt::version::v5, packet);
  run.full = true;
  run.talk.publish_retained(client, "t", "kept");
  run.talk.turn();
  run.talk.lose(client);
  EXPECT_EQ(run.talk.view().shard.records_refused, 2U);
  run.full = false;
  EXPECT_EQ(run.arrived(), std::vector<std::string>{});
}

}  // namespace headgate::worker::testing
