// SUBACK of a shared subscription: the shards are asked twice, the second time behind the new member's room.

#include <algorithm>

#include "tests/unit/worker/shared_topics.hpp"

namespace headgate::worker::testing {

namespace {

// A group gives nothing that is QoS 0 to a worker that has told it of no room: whoever has his SUBACK would miss it.
void expect_all_behind_suback(std::uint16_t at, std::uint16_t publisher_at) {
  conversation talk({}, {3, {1}});
  const auto publisher = talk.join("p", mqtt::version::v5, {}, publisher_at);
  const auto member = talk.join("m", mqtt::version::v5, {}, at);
  talk.say(member, talk.subscribe_packet(member, "$share/g/t", 1));
  lines heard;
  for (int left = 10; heard.empty() && left > 0; --left) {
    for (std::uint16_t other = 0; other < 3; ++other) {
      if (other != at) talk.turn_of(other);
    }
    talk.turn_of(at);
    heard = talk.hear(member);
  }
  EXPECT_EQ(heard, lines{"suback #7 01"});
  talk.publish(publisher, "t", "x");
  talk.turn_of(publisher_at);
  talk.turn();
  EXPECT_EQ(talk.take_payloads(member), std::vector<std::string>{"x"})
      << "member at " << at << ", from " << publisher_at;
}

// Who has his UNSUBACK gets nothing more, and the others everything, in order.
void expect_all_behind_unsuback(std::uint16_t at, std::uint16_t publisher_at) {
  conversation talk({}, {3, {1}});
  const auto publisher = talk.join("p", mqtt::version::v5, {}, publisher_at);
  const auto leaving = talk.join("l", mqtt::version::v5, {}, at);
  const auto staying = talk.join("s", mqtt::version::v5, {}, static_cast<std::uint16_t>((at + 1) % 3));
  for (const auto member : {leaving, staying}) talk.subscribe(member, "$share/g/t", 1);
  talk.say(leaving, talk.unsubscribe_packet(leaving, "$share/g/t"));
  lines heard;
  for (int left = 10; heard.empty() && left > 0; --left) {
    for (std::uint16_t other = 0; other < 3; ++other) {
      if (other != at) talk.turn_of(other);
    }
    talk.turn_of(at);
    heard = talk.hear(leaving);
  }
  EXPECT_EQ(heard, lines{"unsuback #8 00"});
  std::vector<std::string> published;
  for (std::uint16_t n = 1; n < 7; ++n) {
    talk.publish(publisher, "t", published.emplace_back(std::to_string(n)), 1, n);
  }
  talk.turn_of(publisher_at);
  talk.turn();
  EXPECT_EQ(talk.take_payloads(staying), published) << "leaving at " << at << ", from " << publisher_at;
  EXPECT_EQ(talk.take_payloads(leaving), std::vector<std::string>{});
}

enum class way { lost, replaced, disconnects, unsubscribes };

// Two members: "b", and "a" that goes so many turns after its SUBSCRIBE. All is published at QoS 1, a message a turn.
struct leaving {
  leaving(std::uint16_t at, std::uint16_t b_at, std::uint32_t expiry_s)
      : at(at),
        b(run.member("b", 1000, b_at)),
        a(run.talk.join("a", mqtt::version::v5, {.session_expiry_interval_s = expiry_s}, at)) {}

  void publish_one() {
    ++published;
    run.talk.publish(run.publisher, "t/x", std::to_string(published), 1, static_cast<std::uint16_t>(published));
  }
  void turn_each() {
    publish_one();
    for (std::uint16_t worker = 0; worker < 2; ++worker) run.talk.turn_of(worker);
  }

  void leave(way how) {
    if (how == way::unsubscribes) run.talk.say(a, run.talk.unsubscribe_packet(a, "$share/g/t/#"));
    if (how == way::disconnects) run.talk.say(a, hex({0xe0, 0}));
    if (how == way::lost || how == way::replaced) run.talk.end(a).closed_by_client = true;
    if (how != way::replaced) return;
    turn_each();
    const auto newcomer = run.talk.open(at);
    ASSERT_EQ(newcomer, a) << "the place is the same";
    run.talk.say_connect(newcomer, "c", mqtt::version::v5, {});
  }

  void expect_answers(way how) {
    if (how == way::replaced) {
      EXPECT_EQ(run.talk.hear(a), lines{"connack 00"});
    }
    if (how != way::unsubscribes) return;
    auto heard = run.talk.hear(a);
    std::erase_if(heard, [](const auto& line) { return line.starts_with("publish"); });
    std::sort(heard.begin(), heard.end());
    EXPECT_EQ(heard, (lines{"suback #7 01", "unsuback #8 00"}));
  }
  void expect_nothing_pending() {
    for (std::uint16_t worker = 0; worker < 2; ++worker) {
      const auto& state = run.talk.worker_at(worker).gateway();
      EXPECT_EQ(state.subscribes.in_use(), 0U);
      EXPECT_EQ(state.routes.in_use(), 0U);
      EXPECT_TRUE(state.asks_again.empty());
    }
  }

  shared_topics run{2, {}};
  std::uint16_t at;
  std::uint32_t b;
  std::uint32_t a;
  int published = 0;
};

void expect_no_harm(way how, std::uint16_t at, std::uint16_t b_at, std::uint32_t expiry_s, int turns) {
  SCOPED_TRACE(std::to_string(static_cast<int>(how)) + " at " + std::to_string(at) + ", beside " +
               std::to_string(b_at) + ", expiry " + std::to_string(expiry_s) + ", turns " + std::to_string(turns));
  leaving test(at, b_at, expiry_s);
  auto& talk = test.run.talk;
  talk.network.reuse_numbers = true;
  talk.say(test.a, talk.subscribe_packet(test.a, "$share/g/t/#", 1));
  for (int n = 0; n < turns; ++n) test.turn_each();
  test.leave(how);
  for (int n = 0; n < 6; ++n) test.turn_each();
  talk.turn();
  test.publish_one();
  talk.turn();
  test.expect_answers(how);
  const auto got = test.run.take_all(test.b);
  EXPECT_EQ(got.size(), static_cast<std::size_t>(test.published));
  EXPECT_EQ(distinct(got), static_cast<std::size_t>(test.published));
  test.expect_nothing_pending();
  talk.lose(test.b);
  if (talk.is_open(test.a)) talk.lose(test.a);
  talk.advance_s(expiry_s + 2);
  EXPECT_EQ(talk.view().shard.groups, 0U) << "nobody is left";
  EXPECT_EQ(talk.view().gateway.filters, 0U);
}

}  // namespace

// The shard is at the first worker.
TEST(group_asking, suback_comes_when_every_shard_knows_of_the_members_room) {
  for (std::uint16_t at = 0; at < 3; ++at) {
    for (std::uint16_t publisher_at = 0; publisher_at < 3; ++publisher_at) expect_all_behind_suback(at, publisher_at);
  }
}

TEST(group_asking, unsuback_comes_when_every_shard_knows_that_the_member_is_gone) {
  for (std::uint16_t at = 0; at < 3; ++at) {
    for (std::uint16_t publisher_at = 0; publisher_at < 3; ++publisher_at) expect_all_behind_unsuback(at, publisher_at);
  }
}

TEST(group_asking, member_that_goes_meanwhile_takes_nothing_from_the_others) {
  for (const auto how : {way::lost, way::replaced, way::disconnects, way::unsubscribes}) {
    for (std::uint16_t at = 0; at < 2; ++at) {
      if (how == way::replaced && at != 0) continue;  // only the first worker's numbers are used again
      for (const std::uint32_t expiry_s : {0U, 60U}) {
        for (int turns = 1; turns <= 6; ++turns) {
          expect_no_harm(how, at, 0, expiry_s, turns);
          expect_no_harm(how, at, 1, expiry_s, turns);
        }
      }
    }
  }
}

}  // namespace headgate::worker::testing
