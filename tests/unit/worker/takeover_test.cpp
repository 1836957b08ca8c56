// A session goes to the newest connection of its client id [MQTT-3.1.4-3].

#include "base/hash.hpp"
#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

const mqtt::connect keeping{.clean_start = false, .session_expiry_interval_s = 60};

class takeover : public ::testing::TestWithParam<int> {};

}  // namespace

TEST_P(takeover, brings_the_session_with_what_was_in_flight) {
  conversation talk({}, three_workers());
  const auto publisher = talk.join("p");
  const auto older = talk.come("s", keeping);
  talk.hear(older);
  talk.subscribe(older, "t", 1);
  talk.publish(publisher, "t", "x", 1);
  talk.turn();
  EXPECT_EQ(talk.hear(older), lines{"publish q1 #1 t x"});
  const auto newer = talk.come("s", keeping, mqtt::version::v5, static_cast<std::uint16_t>(GetParam()));
  EXPECT_EQ(talk.hear(older), lines{"disconnect 8e"});
  EXPECT_FALSE(talk.is_open(older));
  EXPECT_EQ(talk.hear(newer), (lines{"connack present 00", "publish q1 #1 dup t x"}));
  talk.say(older, conversation::puback(1));
  talk.publish(publisher, "t", "y", 1, 2);
  talk.turn();
  EXPECT_EQ(talk.hear(older), lines{});
  EXPECT_EQ(talk.hear(newer), lines{"publish q1 #2 t y"});
  EXPECT_EQ(talk.view().gateway.takeovers, 1U);
  EXPECT_EQ(talk.view().gateway.clients, 2U);
}

// On the same worker, and on others: one of them is the directory of the id.
INSTANTIATE_TEST_SUITE_P(by_worker, takeover, ::testing::Values(0, 1, 2));

TEST(takeovers, at_once_leave_one_connection_with_the_session) {
  conversation talk({}, three_workers());
  const auto first = talk.come("s", keeping);
  talk.hear(first);
  std::vector<std::uint32_t> clients;
  for (std::uint16_t n = 0; n < 6; ++n) {
    clients.push_back(talk.open(n % 3));
    talk.say_connect(clients.back(), "s", mqtt::version::v5, keeping);
  }
  talk.turn();
  // One that asked while the session went from hand to hand may have to wait and to force it.
  for (int n = 0; n < 12; ++n) talk.advance_s(1);
  std::size_t open = 0;
  for (const auto client : clients) {
    const auto heard = talk.hear(client);
    open += talk.is_open(client) ? 1 : 0;
    if (!talk.is_open(client)) continue;
    EXPECT_EQ(heard, lines{"connack present 00"});
  }
  EXPECT_EQ(open, 1U);
  EXPECT_EQ(talk.view().gateway.clients, 1U);
}

TEST(takeovers, of_a_session_whose_client_has_just_gone) {
  conversation talk({}, three_workers());
  const auto older = talk.come("s", keeping);
  talk.end(older).closed_by_client = true;
  const auto newer = talk.come("s", keeping, mqtt::version::v5, 2);
  EXPECT_EQ(talk.hear(newer), lines{"connack present 00"});
  EXPECT_EQ(talk.view().gateway.takeovers_forced, 0U);
}

// The holder's worker stands still: the session is taken by force after a second, and when the holder wants to write,
// it hears that the session is not its own, and closes its client.
TEST(takeovers, from_a_holder_that_does_not_answer_are_forced_after_a_second) {
  conversation talk({}, three_workers());
  // One whose directory is a worker that goes on.
  std::string id = "s";
  while (base::hash_of(id) % 3 == 1) id += "s";
  const auto older = talk.come(id, keeping, mqtt::version::v5, 1);
  talk.hear(older);
  talk.stop_worker(1);
  const auto newer = talk.open(2);
  talk.say_connect(newer, id, mqtt::version::v5, keeping);
  talk.turn();
  EXPECT_EQ(talk.hear(newer), lines{});
  talk.advance_s(2);
  EXPECT_EQ(talk.hear(newer), lines{"connack 00"}) << "its holder never gave the record back";
  EXPECT_EQ(talk.view().gateway.takeovers_forced, 1U);
  EXPECT_TRUE(talk.is_open(older));
  talk.start_worker(1);
  talk.turn();
  EXPECT_EQ(talk.hear(older), lines{"disconnect 8e"});
  EXPECT_TRUE(talk.is_open(newer));
}

}  // namespace headgate::worker::testing
