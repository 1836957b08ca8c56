#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "tests/unit/session-store/engine.hpp"

namespace headgate::session_store {
namespace {

using outcome = claimed::outcome;
using all_due = std::vector<due>;

afterlife will_after(std::uint32_t will_s, std::uint32_t expiry_s) {
  return {.expiry_s = expiry_s, .will = "w", .will_s = will_s};
}

TEST(embedded_restart, released_session_is_there_with_its_times) {
  engine engine(engine_kind::embedded);
  engine.leave_behind("a", {.record = "r", .expiry_s = 10, .will = "w", .will_s = 5});
  engine.pass_s(4);
  engine.restart();
  EXPECT_EQ(engine.view().kept, 1U);
  EXPECT_EQ(engine.sweep(), all_due{});
  engine.pass_s(1);
  const auto due = engine.sweep();
  EXPECT_EQ(due, (all_due{{"a", "w"}}));
  engine.forget(due);
  engine.restart();
  engine.pass_s(4);
  EXPECT_EQ(engine.sweep(), all_due{});
  engine.pass_s(1);
  EXPECT_EQ(engine.sweep(), (all_due{{"a", ""}}));
  EXPECT_EQ(engine.size(), 0U);
}

// Section 4 of DESIGN.md: nothing that was acknowledged is lost, and a CONNECT was.
TEST(embedded_restart, will_that_was_handed_over_comes_again_until_it_is_forgotten) {
  engine engine(engine_kind::embedded);
  engine.leave_behind("swept", {.record = "r", .expiry_s = 100, .will = "1", .will_s = 5});
  engine.leave_behind("ended", {.record = "r", .expiry_s = 5, .will = "2", .will_s = 5});
  engine.leave_behind("discarded", {.record = "r", .expiry_s = 100, .will = "3", .will_s = 50});
  engine.leave_behind("late", {.record = "r", .expiry_s = 100, .will = "4", .will_s = 5});
  engine.leave_behind("in time", {.record = "r", .expiry_s = 100, .will = "5", .will_s = 50});
  engine.pass_s(5);
  EXPECT_EQ(engine.claim("in time").will, "5");
  EXPECT_EQ(engine.claim("discarded", {.discard = true}).will, "3");
  EXPECT_EQ(engine.claim("late").will, "4");
  const all_due all{{"ended", "2"}, {"swept", "1"}};
  EXPECT_EQ(engine.sweep(), all);
  EXPECT_EQ(engine.sweep(), all_due{});
  engine.restart();
  auto left = engine.sweep();
  const all_due ended{{"in time", ""}, {"late", ""}};  // claimed with an expiry of 0
  EXPECT_EQ(left, (all_due{{"discarded", "3"}, {"ended", "2"}, ended[0], ended[1], {"late", "4"}, {"swept", "1"}}));
  EXPECT_EQ(engine.sweep(), all_due{}) << "once a life";
  engine.forget({left[1], left[5]});
  engine.restart();
  left = engine.sweep();
  EXPECT_EQ(left, (all_due{{"discarded", "3"}, {"late", "4"}}));
  engine.forget(left);
  engine.restart();
  EXPECT_EQ(engine.sweep(), all_due{});
}

TEST(embedded_restart, held_session_counts_as_released_when_the_next_process_starts) {
  engine engine(engine_kind::embedded);
  const auto held = engine.claim("a", {.afterlife = will_after(5, 10)});
  EXPECT_TRUE(engine.save("a", held.token, "r"));
  engine.pass_s(1000);  // connected
  engine.restart();
  EXPECT_EQ(engine.view().held, 0U);
  EXPECT_EQ(engine.view().kept, 1U);
  EXPECT_FALSE(engine.save("a", held.token, "s")) << "its owner is dead";
  EXPECT_FALSE(engine.release("a", held.token, {}));
  engine.pass_s(4);
  EXPECT_EQ(engine.sweep(), all_due{});
  const auto next = engine.claim("a", {.by = 2, .afterlife = will_after(5, 10)});
  EXPECT_EQ(next.what, outcome::granted) << "without force";
  EXPECT_TRUE(next.present);
  EXPECT_EQ(next.record, "r");
  EXPECT_EQ(next.will, "w") << "not due yet";
  EXPECT_EQ(next.token.epoch, held.token.epoch + 1);
}

TEST(embedded_restart, dead_owners_will_is_due_after_its_delay_and_its_session_ends_after_its_expiry) {
  engine engine(engine_kind::embedded);
  engine.claim("a", {.afterlife = will_after(5, 10)});
  engine.claim("b", {.afterlife = will_after(20, 10)});
  engine.claim("c", {.afterlife = {.expiry_s = 10, .will = {}}});
  engine.claim("d", {.afterlife = {.expiry_s = 0xffff'ffff, .will = {}}});
  engine.restart();
  engine.pass_s(5);
  const auto due = engine.sweep();
  EXPECT_EQ(due, (all_due{{"a", "w"}}));
  engine.forget(due);
  // Another death in between changes nothing about those of the first.
  engine.restart();
  engine.pass_s(4);
  EXPECT_EQ(engine.sweep(), all_due{});
  engine.pass_s(1);
  EXPECT_EQ(engine.sweep(), (all_due{{"a", ""}, {"b", "w"}, {"c", ""}}));
  EXPECT_EQ(engine.sweep(), all_due{});
  EXPECT_EQ(engine.view().kept, 1U);
  EXPECT_TRUE(engine.claim("d").present);
}

TEST(embedded_restart, session_that_was_claimed_and_never_saved_is_an_empty_one) {
  engine engine(engine_kind::embedded);
  engine.claim("a", {.afterlife = will_after(5, 10)});
  engine.restart();
  const auto next = engine.claim("a");
  EXPECT_TRUE(next.present);
  EXPECT_EQ(next.record, "");
  EXPECT_EQ(next.will, "w");
}

TEST(embedded_restart, nothing_is_written_for_a_session_of_expiry_0) {
  engine engine(engine_kind::embedded);
  const auto held = engine.claim("a", {.afterlife = will_after(0, 0)});
  EXPECT_TRUE(engine.save("a", held.token, "r"));
  engine.restart();
  EXPECT_EQ(engine.size(), 0U);
  EXPECT_FALSE(engine.claim("a").present);
  EXPECT_EQ(engine.sweep(), all_due{});
}

// It ends with its connection, and with its process.
TEST(embedded_restart, session_taken_over_with_expiry_0_has_ended) {
  engine engine(engine_kind::embedded);
  engine.leave_behind("a", {.record = "r", .expiry_s = 100});
  EXPECT_TRUE(engine.claim("a").present);
  engine.restart();
  EXPECT_EQ(engine.sweep(), (all_due{{"a", ""}}));
  EXPECT_EQ(engine.size(), 0U);
}

TEST(embedded_restart, users_stay_bound) {
  engine engine(engine_kind::embedded);
  engine.claim("a", {.user = 7, .afterlife = will_after(5, 10)});
  engine.restart();
  EXPECT_EQ(engine.claim("a", {.user = 8}).what, outcome::of_another_user);
  engine.pass_s(10);
  const auto next = engine.claim("a", {.user = 8});
  EXPECT_EQ(next.what, outcome::granted);
  EXPECT_EQ(next.will, "w");
}

// Tokens of an older life never fit, though nothing is left of their sessions.
TEST(embedded_restart, epochs_go_on_growing) {
  engine engine(engine_kind::embedded);
  const auto before = engine.claim("a").token;
  engine.restart();
  EXPECT_GT(engine.claim("a").token.epoch, before.epoch);
}

TEST(embedded_restart, wall_clock_that_jumps_in_between_moves_stored_times_and_nothing_else) {
  engine engine(engine_kind::embedded);
  engine.leave_behind("a", {.record = "r", .expiry_s = 10});
  engine.clock.wall_ahead_ms = 3'600'000;
  EXPECT_EQ(engine.sweep(), all_due{}) << "the process goes by the monotonic clock";
  engine.restart();
  EXPECT_EQ(engine.sweep(), (all_due{{"a", ""}}));
}

TEST(embedded_restart, number_of_engines_may_change) {
  hand_moved_clock clock;
  tests::embedded_home home;
  const auto ids = [](int n) { return "device " + std::to_string(n); };
  constexpr int count = 200;
  const auto with_engines = [&](std::uint32_t engines, auto use) {
    home.options.engines = engines;
    home.open(clock.now());
    answer_list answers;
    std::vector<std::unique_ptr<session_store>> stores;
    for (std::uint32_t n = 0; n < engines; ++n) stores.push_back(home.make(n, answers, clock, 0));
    use(stores, answers);
    stores.clear();
    home.close();
  };
  const auto of = [](auto& stores, const std::string& id) -> session_store& {
    return *stores[base::hash_of(id) % stores.size()];
  };
  with_engines(3, [&](auto& stores, auto& answers) {
    for (int n = 0; n < count; ++n) {
      of(stores, ids(n))
          .submit(claim{.request = 1,
                        .client_id = ids(n),
                        .owner = owner_number(1),
                        .nonce = 1,
                        .afterlife = {.expiry_s = 10, .will = "w", .will_s = 20}});
    }
    home.wait_until([&] { return answers.all.size() == count; });
  });
  clock.ms += 10'000;
  with_engines(2, [&](auto& stores, auto& answers) {
    EXPECT_EQ(stores[0]->view().kept + stores[1]->view().kept, std::uint64_t{count});
    clock.ms += 10'000;
    for (auto& store : stores) store->submit(sweep{.request = 2});
    home.wait_until([&] { return answers.all.size() == 2; });
    EXPECT_EQ(std::get<swept>(answers.all[0]).all.size() + std::get<swept>(answers.all[1]).all.size(),
              std::size_t{count});
    EXPECT_EQ(stores[0]->view().kept + stores[1]->view().kept, 0U);
  });
}

}  // namespace
}  // namespace headgate::session_store
