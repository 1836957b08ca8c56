// Who may come in, and who has to go: the authenticator's answers, changed users, and whose a session is.

#include <map>

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

using mqtt::reason_code;
using mqtt::version;

// Passwords by user name, changed by the test.
struct users {
  std::map<std::string, std::string> passwords{{"bob", "old"}, {"eve", "eve"}};
  reason_code judge(const proxy::gateway::credentials& asked) const {
    if (asked.has_certificate) return reason_code::success;
    if (!asked.has_user_name) return reason_code::success;
    const auto found = passwords.find(asked.user_name);
    return found != passwords.end() && found->second == asked.password ? reason_code::success
                                                                       : reason_code::bad_user_name_or_password;
  }
};

fleet guarded_by(const users& users, std::uint16_t workers = 1) {
  return {.workers = workers, .judge = [&users](const auto& asked) { return users.judge(asked); }};
}

mqtt::connect as(std::string_view name, std::string_view password, bool clean_start = true,
                 std::uint32_t expiry_s = 0) {
  return {.clean_start = clean_start,
          .user_name = name,
          .password = base::as_bytes(password),
          .session_expiry_interval_s = expiry_s};
}

}  // namespace

TEST(door, refusals_say_why_in_both_versions_and_are_counted_by_reason) {
  struct refusal {
    reason_code reason;
    int code;
    const char* counted;
  };
  for (const auto& [reason, code, word] :
       {refusal{reason_code::bad_user_name_or_password, 4, "user name or the password is not accepted"},
        {reason_code::not_authorized, 5, "nobody comes in here without a user name"},
        {reason_code::server_busy, 3, "as many passwords are being checked"},
        {reason_code::connection_rate_exceeded, 3, "too many wrong passwords"}}) {
    conversation talk({}, {.judge = [reason = reason](const auto&) { return reason; }});
    EXPECT_EQ(talk.hear(talk.come("a", as("bob", "x"))), lines{"connack " + hex_of(reason)});
    const auto old = talk.come("a", as("bob", "x"), version::v3_1_1);
    EXPECT_EQ(talk.take(old), hex({0x20, 2, 0, code}));
    EXPECT_FALSE(talk.is_open(old));
    const auto& counted = talk.view().gateway;
    EXPECT_EQ(counted.refused_connects, 2U);
    EXPECT_EQ(counted.refused_passwords, reason == reason_code::bad_user_name_or_password ? 2U : 0U);
    EXPECT_EQ(counted.refused_unauthorized, reason == reason_code::not_authorized ? 2U : 0U);
    EXPECT_EQ(counted.refused_busy, reason == reason_code::server_busy ? 2U : 0U);
    EXPECT_EQ(counted.refused_rate, reason == reason_code::connection_rate_exceeded ? 2U : 0U);
    const auto told = talk.log.of("client_refused");
    ASSERT_EQ(told.size(), 2U);
    EXPECT_NE(told[0].text.find(word), std::string::npos) << told[0].text;
    EXPECT_EQ(told[0].fields.at("user"), "bob");
    EXPECT_EQ(told[0].fields.at("reason_code"), "0x" + hex_of(reason));
    EXPECT_EQ(told[0].severity, base::severity::warning);
  }
}

TEST(door, is_told_who_asks_and_through_which_door) {
  proxy::gateway::credentials seen;
  conversation talk({}, {.judge = [&](const auto& asked) {
                      seen = asked;
                      return reason_code::success;
                    }});
  talk.network.entrance.anonymous_allowed = false;
  talk.come("a", as("bob", "secret"));
  EXPECT_EQ(seen.client_id, "a");
  EXPECT_EQ(seen.user_name, "bob");
  EXPECT_EQ(seen.password, "secret");
  EXPECT_EQ(seen.address, "192.0.2.1");
  EXPECT_TRUE(seen.has_user_name);
  EXPECT_FALSE(seen.has_certificate);
  EXPECT_FALSE(seen.anonymous_allowed);

  talk.network.entrance.anonymous_allowed = true;
  talk.come("b", {.clean_start = true});
  EXPECT_EQ(seen.user_name, "");
  EXPECT_FALSE(seen.has_user_name);
  EXPECT_TRUE(seen.anonymous_allowed);

  talk.network.entrance.user_name = "certified";
  talk.come("c", as("bob", "secret"));
  EXPECT_EQ(seen.user_name, "certified") << "the certificate's name, whatever the CONNECT says";
  EXPECT_TRUE(seen.has_user_name);
  EXPECT_TRUE(seen.has_certificate);
  const auto told = talk.log.of("client_connected");
  EXPECT_EQ(told.back().fields.at("user"), "certified");
}

TEST(door, clients_whose_user_has_changed_are_sent_away_and_may_come_anew) {
  users users;
  conversation talk({}, guarded_by(users, 3));
  std::vector<std::uint32_t> bobs;
  for (std::uint16_t n = 0; n < 3; ++n) {
    bobs.push_back(talk.join("bob" + std::to_string(n), n == 0 ? version::v3_1_1 : version::v5, as("bob", "old"), n));
  }
  const auto eve = talk.join("eve", version::v5, as("eve", "eve"));
  const auto nobody = talk.join("nobody", version::v5);
  users.passwords["bob"] = "new";
  talk.change_users({"bob"});
  talk.turn();
  EXPECT_EQ(talk.hear(bobs[0]), lines{});
  EXPECT_EQ(talk.hear(bobs[1]), lines{"disconnect 87"});
  EXPECT_EQ(talk.hear(bobs[2]), lines{"disconnect 87"});
  for (const auto bob : bobs) EXPECT_FALSE(talk.is_open(bob));
  EXPECT_TRUE(talk.is_open(eve) && talk.is_open(nobody));
  const auto told = talk.log.of("client_disconnected");
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0].fields.at("cause"), "user_changed");
  EXPECT_NE(told[0].text.find("the password of its user was changed"), std::string::npos) << told[0].text;
  EXPECT_EQ(talk.view().gateway.ended_by_operator, 3U);
  EXPECT_EQ(talk.hear(talk.come("bob0", as("bob", "old"))), lines{"connack 86"});
  const auto bob = talk.join("bob0", version::v5, as("bob", "new"));
  talk.advance_s(5);
  EXPECT_TRUE(talk.is_open(bob));
}

// A listener that lets anybody in, and no list of users: who says "bob" is nobody, unless a certificate says so.
TEST(door, name_that_nobody_verified_is_as_good_as_none) {
  conversation talk({}, {.judge = [](const auto&) { return reason_code::success; }, .verifies_names = false});
  const auto talks = talk.join("a", version::v5, as("bob", "x"));
  talk.network.entrance.user_name = "certified";
  talk.join("c", version::v5, as("bob", "x"));
  const auto told = talk.log.of("client_connected");
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].fields.count("user"), 0U);
  EXPECT_EQ(told[1].fields.at("user"), "certified");
  talk.network.entrance.user_name = {};
  talk.change_users({"bob"});
  talk.turn();
  EXPECT_TRUE(talk.is_open(talks)) << "nobody's password was changed";
}

TEST(door, who_has_no_name_goes_when_names_are_asked_for) {
  conversation talk;
  const auto nobody = talk.join("nobody", version::v5);
  talk.network.entrance.anonymous_allowed = false;
  talk.change_users({});
  talk.turn();
  EXPECT_EQ(talk.hear(nobody), lines{"disconnect 87"});
  EXPECT_NE(talk.log.of("client_disconnected").back().text.find("without a user name"), std::string::npos);
}

// One that comes in by the new password while the way through all sessions goes on is none of those.
TEST(door, client_that_came_in_after_the_change_stays) {
  users users;
  conversation talk({}, guarded_by(users));
  const auto older = talk.join("older", version::v5, as("bob", "old"));
  const auto newer = talk.open();
  users.passwords["bob"] = "new";
  talk.change_users({"bob"});
  talk.say_connect(newer, "newer", version::v5, as("bob", "new"));
  talk.turn();
  EXPECT_EQ(talk.hear(newer), lines{"connack 00"});
  EXPECT_EQ(talk.hear(older), lines{"disconnect 87"});
  talk.change_users({"eve"});
  talk.turn();
  EXPECT_TRUE(talk.is_open(newer));
}

// Its old password is being checked while the user changes.
TEST(door, client_whose_user_changes_while_it_connects_is_refused) {
  if (!completes_later()) GTEST_SKIP() << "nothing happens while it connects";
  for (int turns = 0; turns < 6; ++turns) {
    users users;
    conversation talk({}, guarded_by(users));
    const auto client = talk.open();
    talk.say_connect(client, "a", version::v5, as("bob", "old"));
    for (int n = 0; n <= turns; ++n) talk.turn_a_little();
    users.passwords["bob"] = "new";
    talk.change_users({"bob"});
    talk.turn();
    const auto heard = talk.hear(client);
    ASSERT_FALSE(heard.empty());
    EXPECT_TRUE(heard == lines{"connack 86"} || heard == (lines{"connack 00", "disconnect 87"})) << heard[0];
    EXPECT_FALSE(talk.is_open(client));
    EXPECT_EQ(talk.hear(talk.come("a", as("bob", "new"))), lines{"connack 00"});
  }
}

TEST(door, client_with_a_certificate_stays_when_its_user_changes) {
  users users;
  conversation talk({}, guarded_by(users));
  talk.network.entrance.user_name = "bob";
  const auto client = talk.join("a", version::v5);
  talk.change_users({"bob"});
  talk.turn();
  EXPECT_TRUE(talk.is_open(client));
}

TEST(door, client_id_is_its_users_alone_where_it_is_bound) {
  users users;
  auto chosen = guarded_by(users, 3);
  chosen.bind_client_id = true;
  conversation talk({}, chosen);
  auto bob = talk.come("a", as("bob", "old", true, 60), version::v5, 1);
  EXPECT_EQ(talk.hear(bob), lines{"connack 00"});
  const auto refused = [&] {
    for (const auto& asked : {as("eve", "eve"), as("eve", "eve", false, 60), mqtt::connect{.clean_start = true}}) {
      EXPECT_EQ(talk.hear(talk.come("a", asked, version::v5, 2)), lines{"connack 87"});
    }
    const auto old = talk.come("a", as("eve", "eve"), version::v3_1_1);
    EXPECT_EQ(talk.take(old), hex({0x20, 2, 0, 5}));
  };
  refused();
  EXPECT_TRUE(talk.is_open(bob));
  talk.lose(bob);
  refused();
  bob = talk.come("a", as("bob", "old", false, 60));
  EXPECT_EQ(talk.hear(bob), lines{"connack present 00"});
  const auto again = talk.come("a", as("bob", "old", false, 60), version::v5, 2);
  EXPECT_EQ(talk.hear(again), lines{"connack present 00"}) << "its own user takes it over";
  talk.lose(again);
  talk.advance_s(61);
  EXPECT_EQ(talk.hear(talk.come("a", as("eve", "eve"))), lines{"connack 00"}) << "the session has ended";
  const auto told = talk.log.of("client_refused");
  ASSERT_EQ(told.size(), 8U);
  EXPECT_NE(told[0].text.find("belongs to another user (auth.bind_client_id); its user is 'eve'"), std::string::npos)
      << told[0].text;
  EXPECT_EQ(told[0].text.find("bob"), std::string::npos);
}

TEST(door, client_id_is_anybodys_where_it_is_not_bound) {
  users users;
  conversation talk({}, guarded_by(users));
  const auto bob = talk.join("a", version::v5, as("bob", "old"));
  EXPECT_EQ(talk.hear(talk.come("a", as("eve", "eve"))), lines{"connack 00"});
  EXPECT_EQ(talk.hear(bob), lines{"disconnect 8e"});
}

}  // namespace headgate::worker::testing
