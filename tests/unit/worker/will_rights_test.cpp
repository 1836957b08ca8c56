// Wills and rights: asked for at CONNECT, and again when the will is due.

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

using headgate::tests::denials;

std::shared_ptr<const denials> no_wills_of(std::string who) {
  return std::make_shared<const denials>(denials{{std::move(who), "will", false, true}});
}

struct will_watch {
  conversation talk{{}, {3, {1}, 1, std::make_shared<const denials>()}};
  std::uint32_t watcher = talk.join("watcher");
  will_watch() { talk.subscribe(watcher, "will", 1); }

  std::uint32_t come(std::uint32_t delay_s, std::uint32_t expiry_s, std::uint16_t worker = 1) {
    mqtt::connect packet{.user_name = "bob", .session_expiry_interval_s = expiry_s};
    packet.will.emplace();
    packet.will->topic = "will";
    packet.will->payload = base::as_bytes(std::string_view("gone"));
    packet.will->delay_interval_s = delay_s;
    return talk.come("a", packet, mqtt::version::v5, worker);
  }
  void change(std::string who) {
    talk.change_rights(no_wills_of(std::move(who)));
    talk.turn();
  }
  std::size_t refused() { return talk.view().gateway.wills_refused; }
};

}  // namespace

TEST(will_rights, connect_with_a_will_that_may_not_be_published_is_refused) {
  will_watch watch;
  watch.change("bob");
  const auto client = watch.come(0, 0);
  EXPECT_EQ(watch.talk.hear(client), lines{"connack 87"});
  EXPECT_EQ(watch.talk.view().gateway.refused_unauthorized, 1U);
  const auto refusals = watch.talk.log.of("client_refused");
  ASSERT_EQ(refusals.size(), 1U);
  EXPECT_EQ(refusals[0].fields.at("user"), "bob");
  EXPECT_EQ(refusals[0].fields.at("reason_code"), "0x87");
}

TEST(will_rights, will_whose_right_has_gone_is_dropped_counted_and_told) {
  will_watch watch;
  const auto client = watch.come(0, 0);
  watch.change("bob");
  watch.talk.lose(client);
  EXPECT_EQ(watch.talk.hear(watch.watcher), lines{});
  EXPECT_EQ(watch.refused(), 1U);
  EXPECT_EQ(watch.talk.view().gateway.wills, 0U);
  const auto told = watch.talk.log.of("client_will_refused");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].fields.at("client"), "a");
  EXPECT_EQ(told[0].fields.at("user"), "bob");
}

// By the worker that sweeps it, which never saw its client: by user name, and by client id.
TEST(will_rights, delayed_will_is_asked_for_when_it_is_due) {
  for (const auto* who : {"bob", "a", "somebody else"}) {
    will_watch watch;
    watch.talk.lose(watch.come(10, 100));
    watch.change(who);
    watch.talk.advance_s(12);
    const bool published = std::string_view(who) == "somebody else";
    EXPECT_EQ(watch.talk.hear(watch.watcher), published ? lines{"publish q0 will gone"} : lines{}) << who;
    EXPECT_EQ(watch.refused(), published ? 0U : 1U);
  }
}

}  // namespace headgate::worker::testing
