#include <gtest/gtest.h>

#include "tests/unit/session-store/engine.hpp"

namespace headgate::session_store {
namespace {

using outcome = claimed::outcome;
using all_due = std::vector<due>;
constexpr std::uint32_t for_ever = 0xffff'ffff;

// What all engines have in common.
class every_session_store : public ::testing::TestWithParam<engine_kind> {};
INSTANTIATE_TEST_SUITE_P(engines, every_session_store,
                         ::testing::Values(engine_kind::now, engine_kind::later, engine_kind::embedded),
                         [](const auto& engine) { return ::testing::PrintToString(engine.param); });

TEST_P(every_session_store, free_session_is_granted_with_the_claimers_nonce) {
  engine engine(GetParam());
  const auto answer = engine.claim("a");
  EXPECT_EQ(answer.what, outcome::granted);
  EXPECT_EQ(answer.token, (token{1, engine.last_nonce()}));
  EXPECT_FALSE(answer.present);
  EXPECT_TRUE(answer.record.empty() && answer.will.empty());
}

TEST_P(every_session_store, held_session_is_not_granted_and_nothing_changes) {
  engine engine(GetParam());
  const auto first = engine.claim("a", {.by = 1});
  const auto second = engine.claim("a", {.discard = true, .by = 2});
  EXPECT_EQ(second.what, outcome::held);
  EXPECT_EQ(second.holder, owner_number(1));
  EXPECT_TRUE(engine.save("a", first.token, "r"));
}

TEST_P(every_session_store, session_of_another_user_is_not_taken_whatever_is_asked_for) {
  engine engine(GetParam());
  const auto first = engine.claim("a", {.by = 1, .user = 7});
  const auto refused = [&] {
    return engine.claim("a", {.by = 2, .user = 8}).what == outcome::of_another_user &&
           engine.claim("a", {.force = true, .by = 2, .user = 8}).what == outcome::of_another_user &&
           engine.claim("a", {.force = true, .discard = true, .by = 2, .user = 8}).what == outcome::of_another_user;
  };
  EXPECT_TRUE(refused()) << "held";
  EXPECT_EQ(engine.claim("a", {.by = 2, .user = 7}).what, outcome::held) << "its own user";
  ASSERT_TRUE(engine.release("a", first.token, {.record = "r", .expiry_s = 10, .will = "w", .will_s = 5}));
  EXPECT_TRUE(refused()) << "kept";
  engine.pass_s(10);
  const auto next = engine.claim("a", {.by = 2, .user = 8});
  EXPECT_EQ(next.what, outcome::granted) << "it has ended";
  EXPECT_FALSE(next.present);
  EXPECT_EQ(next.will, "w") << "published for its owner by who finds it";
  EXPECT_EQ(engine.claim("a", {.by = 1, .user = 7}).what, outcome::of_another_user);
}

TEST_P(every_session_store, session_that_is_not_bound_is_anybodys) {
  engine engine(GetParam());
  engine.claim("a", {.by = 1});
  EXPECT_EQ(engine.claim("a", {.by = 2, .user = 8}).what, outcome::held);
  EXPECT_EQ(engine.claim("a", {.force = true, .by = 2, .user = 8}).what, outcome::granted);
  EXPECT_EQ(engine.claim("a", {.by = 3, .user = 0}).what, outcome::held);
}

TEST_P(every_session_store, claim_with_force_takes_it_from_its_holder) {
  engine engine(GetParam());
  const auto first = engine.claim("a", {.by = 1});
  EXPECT_TRUE(engine.save("a", first.token, "one"));
  const auto second = engine.claim("a", {.force = true, .by = 2});
  EXPECT_EQ(second.what, outcome::granted);
  EXPECT_EQ(second.token, (token{2, engine.last_nonce()}));
  EXPECT_TRUE(second.present);
  EXPECT_EQ(second.record, "one");
  EXPECT_FALSE(second.given_back);
  // The first is fenced off.
  EXPECT_FALSE(engine.save("a", first.token, "two"));
  EXPECT_FALSE(engine.release("a", first.token, {.record = "two", .expiry_s = 10, .will = "w"}));
  EXPECT_EQ(engine.claim("a").holder, owner_number(2));
  EXPECT_EQ(engine.claim("a", {.force = true, .by = 3}).record, "one");
}

TEST_P(every_session_store, epoch_grows_with_every_claim_though_nothing_was_left_behind) {
  engine engine(GetParam());
  std::uint64_t before = 0;
  for (int n = 0; n < 5; ++n) {
    const auto held = engine.claim("a");
    EXPECT_GT(held.token.epoch, before);
    before = held.token.epoch;
    EXPECT_TRUE(engine.release("a", held.token, {}));
  }
}

TEST_P(every_session_store, released_session_comes_back_with_its_record) {
  engine engine(GetParam());
  engine.leave_behind("a", {.record = "r", .expiry_s = 10});
  engine.pass_s(9);
  const auto answer = engine.claim("a");
  EXPECT_EQ(answer.token.epoch, 2U);
  EXPECT_TRUE(answer.present);
  EXPECT_EQ(answer.record, "r");
  EXPECT_TRUE(answer.given_back);
}

TEST_P(every_session_store, session_with_an_empty_record_is_present_too) {
  engine engine(GetParam());
  engine.leave_behind("a", {.expiry_s = 10});
  EXPECT_TRUE(engine.claim("a").present);
}

TEST_P(every_session_store, session_of_expiry_0_leaves_nothing_behind) {
  engine engine(GetParam());
  const auto held = engine.claim("a");
  EXPECT_TRUE(engine.save("a", held.token, "r"));
  EXPECT_TRUE(engine.release("a", held.token, {.record = "r"}));
  EXPECT_EQ(engine.size(), 0U);
  EXPECT_EQ(engine.view().kept, 0U);
  EXPECT_EQ(engine.sweep(), all_due{});
  EXPECT_FALSE(engine.claim("a").present);
}

TEST_P(every_session_store, claimer_that_dies_loses_nothing) {
  engine engine(GetParam());
  engine.leave_behind("a", {.record = "r", .expiry_s = 10});
  EXPECT_EQ(engine.claim("a").record, "r");
  // It neither saved nor released; meanwhile nothing expires.
  engine.pass_s(1000);
  EXPECT_EQ(engine.sweep(), all_due{});
  const auto next = engine.claim("a", {.force = true});
  EXPECT_TRUE(next.present);
  EXPECT_EQ(next.record, "r");
  EXPECT_FALSE(next.given_back);
  EXPECT_TRUE(engine.save("a", next.token, "s"));
  EXPECT_EQ(engine.claim("a", {.force = true}).record, "s");
}

TEST_P(every_session_store, discard_ends_the_stored_session_and_hands_its_will_over) {
  engine engine(GetParam());
  engine.leave_behind("a", {.record = "r", .expiry_s = 100, .will = "w", .will_s = 50});
  const auto answer = engine.claim("a", {.discard = true});
  EXPECT_TRUE(answer.present);
  EXPECT_EQ(answer.record, "");
  EXPECT_EQ(answer.will, "w");
  // It is gone for good.
  const auto next = engine.claim("a", {.force = true});
  EXPECT_FALSE(next.present);
  EXPECT_EQ(next.will, "");
  engine.pass_s(1000);
  EXPECT_EQ(engine.sweep(), all_due{});
}

TEST_P(every_session_store, discard_by_force_ends_what_the_holder_had_saved) {
  engine engine(GetParam());
  const auto held = engine.claim("a");
  EXPECT_TRUE(engine.save("a", held.token, "r"));
  EXPECT_TRUE(engine.claim("a", {.force = true, .discard = true}).present);
  EXPECT_FALSE(engine.claim("a", {.force = true}).present);
}

TEST_P(every_session_store, writes_are_admitted_from_the_holder_only) {
  engine engine(GetParam());
  EXPECT_FALSE(engine.save("a", {1, 1}, "r"));
  EXPECT_FALSE(engine.release("a", {1, 1}, {.record = "r", .expiry_s = 10}));
  EXPECT_EQ(engine.size(), 0U);
  const auto held = engine.claim("a");
  EXPECT_FALSE(engine.save("a", {held.token.epoch, held.token.nonce + 1}, "r"));
  EXPECT_FALSE(engine.save("a", {held.token.epoch + 1, held.token.nonce}, "r"));
  EXPECT_FALSE(engine.save("b", held.token, "r"));
  EXPECT_TRUE(engine.release("a", held.token, {.record = "kept", .expiry_s = 10}));
  // Its token ended with the release.
  EXPECT_FALSE(engine.save("a", held.token, "r"));
  EXPECT_FALSE(engine.release("a", held.token, {.record = "r"}));
  EXPECT_EQ(engine.claim("a").record, "kept");
}

TEST_P(every_session_store, expired_session_counts_as_ended_before_it_is_swept) {
  engine engine(GetParam());
  engine.leave_behind("a", {.record = "r", .expiry_s = 10, .will = "w", .will_s = for_ever});
  engine.pass_s(10);
  const auto answer = engine.claim("a");
  EXPECT_FALSE(answer.present);
  EXPECT_EQ(answer.record, "");
  EXPECT_EQ(answer.will, "w");
  EXPECT_EQ(engine.sweep(), all_due{});
  EXPECT_FALSE(engine.claim("a", {.force = true}).present);
}

TEST_P(every_session_store, ended_session_is_swept_once_with_its_will) {
  engine engine(GetParam());
  engine.leave_behind("a", {.record = "r", .expiry_s = 10, .will = "w", .will_s = 20});
  engine.leave_behind("b", {.record = "r", .expiry_s = 10});
  engine.clock.ms += 9'999;
  EXPECT_EQ(engine.sweep(), all_due{});
  engine.clock.ms += 1;
  EXPECT_EQ(engine.sweep(), (all_due{{"a", "w"}, {"b", ""}}));
  EXPECT_EQ(engine.sweep(), all_due{});
  EXPECT_EQ(engine.size(), 0U);
  EXPECT_EQ(engine.view().kept, 0U);
}

TEST_P(every_session_store, delayed_will_is_swept_while_its_session_stays) {
  engine engine(GetParam());
  engine.leave_behind("a", {.record = "r", .expiry_s = 10, .will = "w", .will_s = 5});
  engine.pass_s(5);
  EXPECT_EQ(engine.sweep(), (all_due{{"a", "w"}}));
  EXPECT_EQ(engine.sweep(), all_due{});
  engine.pass_s(5);
  EXPECT_EQ(engine.sweep(), (all_due{{"a", ""}}));
}

TEST_P(every_session_store, claim_takes_a_will_that_is_not_due_yet) {
  engine engine(GetParam());
  engine.leave_behind("a", {.record = "r", .expiry_s = 10, .will = "w", .will_s = 5});
  engine.pass_s(4);
  const auto answer = engine.claim("a");
  EXPECT_EQ(answer.will, "w");
  EXPECT_FALSE(answer.will_is_due);
  EXPECT_EQ(answer.will_in_s, 1U);
  EXPECT_EQ(engine.claim("a", {.force = true}).will, "");
  engine.pass_s(100);
  EXPECT_EQ(engine.sweep(), all_due{});
}

// Its delay had passed when the client came back, so it is published [MQTT-3.1.3-9 forbids only the other case].
TEST_P(every_session_store, will_that_was_due_before_the_claim_is_handed_to_the_claimer) {
  engine engine(GetParam());
  engine.leave_behind("a", {.record = "r", .expiry_s = 100, .will = "first", .will_s = 5});
  engine.pass_s(5);
  const auto answer = engine.claim("a");
  EXPECT_TRUE(answer.present);
  EXPECT_EQ(answer.will, "first");
  EXPECT_TRUE(answer.will_is_due);
  EXPECT_TRUE(engine.release("a", answer.token, {.record = "r", .expiry_s = 100, .will = "second", .will_s = 0}));
  EXPECT_EQ(engine.sweep(), (all_due{{"a", "second"}}));
  EXPECT_EQ(engine.sweep(), all_due{});
}

TEST_P(every_session_store, will_of_a_session_of_expiry_0_is_due_at_once) {
  engine engine(GetParam());
  engine.leave_behind("a", {.record = "r", .expiry_s = 0, .will = "w", .will_s = 60});
  EXPECT_EQ(engine.sweep(), (all_due{{"a", "w"}}));
  EXPECT_EQ(engine.size(), 0U);
  engine.leave_behind("a", {.record = "r", .expiry_s = 0, .will = "w", .will_s = 60});
  const auto answer = engine.claim("a");
  EXPECT_FALSE(answer.present);
  EXPECT_EQ(answer.will, "w");
}

TEST_P(every_session_store, session_for_ever_never_ends_but_its_will_is_due) {
  engine engine(GetParam());
  engine.leave_behind("a", {.record = "r", .expiry_s = for_ever, .will = "w", .will_s = for_ever - 1});
  engine.leave_behind("b", {.record = "r", .expiry_s = for_ever});
  engine.pass_s(for_ever);
  EXPECT_EQ(engine.sweep(), (all_due{{"a", "w"}}));
  engine.pass_s(std::uint64_t{for_ever} * 1000);
  EXPECT_EQ(engine.sweep(), all_due{});
  EXPECT_EQ(engine.claim("a").record, "r");
  EXPECT_EQ(engine.claim("b").record, "r");
}

TEST_P(every_session_store, sweep_is_bounded_and_goes_on_the_next_time) {
  engine engine(GetParam());
  const auto count = base::due_per_sweep + 10;
  for (std::size_t n = 0; n < count; ++n) {
    engine.leave_behind("id" + std::to_string(n), {.record = "r", .expiry_s = n < 10 ? 2U : 1U});
  }
  engine.pass_s(2);
  EXPECT_EQ(engine.sweep().size(), base::due_per_sweep);
  // The earliest went first.
  EXPECT_EQ(engine.sweep().front().client_id, "id0");
  EXPECT_EQ(engine.size(), 0U);
}

TEST_P(every_session_store, full_store_keeps_no_more_sessions) {
  engine engine(GetParam(), 2);
  engine.leave_behind("a", {.record = "r", .expiry_s = 10});
  engine.leave_behind("b", {.record = "r", .expiry_s = 10});
  const auto held = engine.claim("c");
  EXPECT_TRUE(engine.save("c", held.token, "r"));
  EXPECT_TRUE(engine.release("c", held.token, {.record = "r", .expiry_s = 10, .will = "w", .will_s = 5}));
  engine.leave_behind("d", {.record = "r", .expiry_s = 10});
  EXPECT_EQ(engine.view().not_kept, 2U);
  // They ended with their connections, and the will is due.
  EXPECT_EQ(engine.sweep(), (all_due{{"c", "w"}}));
  EXPECT_FALSE(engine.claim("c").present);
  EXPECT_EQ(engine.view().kept, 2U);
  // A claim makes room.
  EXPECT_TRUE(engine.claim("a").present);
  engine.leave_behind("e", {.record = "r", .expiry_s = 10});
  EXPECT_TRUE(engine.claim("e").present);
  EXPECT_EQ(engine.view().not_kept, 2U);
}

TEST_P(every_session_store, long_client_ids_and_records) {
  engine engine(GetParam());
  const std::string id(65'535, 'i');
  const std::string record(1'000'000, 'r');
  engine.leave_behind(id, {.record = record, .expiry_s = 10});
  EXPECT_EQ(engine.claim(id).record, record);
}

// on_answer() may submit: what is asked there is answered, too, after what had been asked before.
TEST_P(every_session_store, may_be_asked_again_from_an_answer) {
  class asker final : public answers {
   public:
    void on_answer(answer&& answer) override {
      order.push_back(std::visit([](const auto& one) { return one.request; }, answer));
      if (const auto* granted = std::get_if<claimed>(&answer); granted != nullptr && granted->request == 1) {
        store->submit(release{.request = 3, .client_id = "a", .token = granted->token, .record = {}, .afterlife = {}});
      }
    }
    session_store* store = nullptr;
    std::vector<std::uint32_t> order;
  };
  hand_moved_clock clock;
  asker asker;
  const auto expiry_s = GetParam() == engine_kind::embedded ? 10U : 0U;  // the long way, if there is one
  const auto run = [&](session_store& store, auto wait) {
    asker.store = &store;
    store.submit(claim{.request = 1,
                       .client_id = "a",
                       .owner = owner_number(1),
                       .nonce = 9,
                       .afterlife = {.expiry_s = expiry_s, .will = {}}});
    store.submit(claim{.request = 2, .client_id = "a", .owner = owner_number(2), .nonce = 9});
    wait();
    EXPECT_EQ(asker.order.size(), 3U);
    EXPECT_EQ(asker.order.front(), 1U);
  };
  if (GetParam() == engine_kind::embedded) {
    tests::embedded_home home;
    home.open(clock.now());
    const auto store = home.make(0, asker, clock, 0);
    run(*store, [&] { home.wait_until([&] { return asker.order.size() == 3; }); });
    EXPECT_EQ(asker.order, (std::vector<std::uint32_t>{1, 2, 3}));
  } else if (GetParam() == engine_kind::later) {
    tests::later_session_store store(asker, 1,
                                     [&](auto& inner) { return std::make_unique<memory_session_store>(inner, clock); });
    run(store, [&] { store.deliver_all(); });
  } else {
    memory_session_store store(asker, clock);
    run(store, [] {});
  }
}

}  // namespace
}  // namespace headgate::session_store
