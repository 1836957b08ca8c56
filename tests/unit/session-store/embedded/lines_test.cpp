#include <gtest/gtest.h>

#include "tests/unit/session-store/engine.hpp"

namespace headgate::session_store {
namespace {

// The embedded engine between submit() and the answer.
class embedded_lines : public ::testing::Test {
 protected:
  embedded_lines() { open(); }
  void open() {
    home.open(clock.now());
    store = home.make(0, answers, clock, 0);
  }
  void submit_claim(std::uint32_t request, const std::string& id, std::uint32_t expiry_s, bool discard = false) {
    store->submit(claim{.request = request,
                        .client_id = id,
                        .owner = owner_number(1),
                        .nonce = 9,
                        .discard = discard,
                        .afterlife = {.expiry_s = expiry_s, .will = {}}});
  }
  template <class Answers>
  std::vector<std::uint32_t> requests_of(const Answers& all) {
    std::vector<std::uint32_t> numbers;
    for (const auto& one : all) numbers.push_back(std::visit([](const auto& answer) { return answer.request; }, one));
    return numbers;
  }

  hand_moved_clock clock;
  answer_list answers;
  tests::embedded_home home;
  std::unique_ptr<session_store> store;
};

TEST_F(embedded_lines, plain_clean_connect_never_sees_the_store_thread) {
  submit_claim(1, "a", 0, true);
  const auto held = answers.take<claimed>();
  EXPECT_EQ(held.what, claimed::outcome::granted);
  store->submit(save{2, "a", held.token, "r"});
  EXPECT_TRUE(answers.take<saved>().admitted);
  store->submit(release{.request = 3, .client_id = "a", .token = held.token, .record = {}, .afterlife = {}});
  EXPECT_TRUE(answers.take<released>().admitted);
  EXPECT_EQ(home.store().view().jobs, 0U);
  EXPECT_EQ(store->view().held + store->view().kept, 0U);
}

TEST_F(embedded_lines, id_that_is_stored_is_looked_for_and_forgotten_with_its_session) {
  submit_claim(1, "a", 10);
  EXPECT_TRUE(answers.all.empty()) << "written before it is answered";
  home.wait_until([&] { return !answers.all.empty(); });
  const auto held = answers.take<claimed>();
  store->submit(release{.request = 2, .client_id = "a", .token = held.token, .record = "r", .afterlife = {10, {}, 0}});
  EXPECT_TRUE(answers.all.empty());
  home.wait_until([&] { return !answers.all.empty(); });
  EXPECT_TRUE(answers.take<released>().admitted);
  submit_claim(3, "a", 0, true);
  EXPECT_TRUE(answers.all.empty());
  home.wait_until([&] { return !answers.all.empty(); });
  EXPECT_TRUE(answers.take<claimed>().present);
  const auto jobs = home.store().view().jobs;
  store->submit(claim{.request = 4, .client_id = "a", .owner = owner_number(2), .nonce = 9, .force = true});
  EXPECT_FALSE(answers.take<claimed>().present) << "now: nothing is stored any more";
  EXPECT_EQ(home.store().view().jobs, jobs);
}

TEST_F(embedded_lines, what_is_asked_about_one_id_is_answered_in_order_and_saves_in_a_row_are_written_once) {
  submit_claim(1, "a", 10);
  home.wait_until([&] { return !answers.all.empty(); });
  const auto held = answers.take<claimed>();
  const auto jobs = home.store().view().jobs;
  for (std::uint32_t n = 2; n < 100; ++n) store->submit(save{n, "a", held.token, "record " + std::to_string(n)});
  submit_claim(100, "a", 0);
  store->submit(save{101, "a", {1, 1}, "not its own"});
  store->submit(save{102, "a", held.token, "the last"});
  home.wait_until([&] { return answers.all.size() == 101; });
  std::vector<std::uint32_t> all(101);
  for (std::uint32_t n = 0; n < all.size(); ++n) all[n] = n + 2;
  EXPECT_EQ(requests_of(answers.all), all);
  EXPECT_TRUE(std::get<saved>(answers.all[97]).admitted);
  EXPECT_EQ(std::get<claimed>(answers.all[98]).what, claimed::outcome::held);
  EXPECT_FALSE(std::get<saved>(answers.all[99]).admitted);
  EXPECT_LE(home.store().view().jobs, jobs + 3);
  answers.all.clear();
  store->submit(claim{.request = 200, .client_id = "a", .owner = owner_number(2), .nonce = 9, .force = true});
  home.wait_until([&] { return !answers.all.empty(); });
  EXPECT_EQ(answers.take<claimed>().record, "the last");
}

TEST_F(embedded_lines, what_was_submitted_is_stored_though_the_engine_goes_before_it_is_answered) {
  for (std::uint32_t n = 0; n < 500; ++n) submit_claim(n, "device " + std::to_string(n), 10);
  store.reset();
  home.close();
  EXPECT_TRUE(answers.all.empty());
  open();
  EXPECT_EQ(store->view().kept, 500U);
}

TEST_F(embedded_lines, many_requests_make_few_batches) {
  constexpr std::uint32_t count = 5'000;
  for (std::uint32_t n = 0; n < count; ++n) submit_claim(n, "device " + std::to_string(n), 10);
  home.wait_until([&] { return answers.all.size() == count; });
  EXPECT_LT(home.store().view().batches, count / 2);
}

// The budget of an offline session; RocksDB's own memory has fixed bounds.
TEST_F(embedded_lines, offline_session_costs_less_than_64_bytes) {
  constexpr std::uint32_t count = 20'000;
  for (std::uint32_t n = 0; n < count; ++n) submit_claim(n, "device " + std::to_string(n), 10);
  home.wait_until([&] { return answers.all.size() == count; });
  store.reset();
  home.close();
  home.open(clock.now());
  const auto again = home.make(0, answers, clock, 0);
  EXPECT_EQ(again->view().kept, std::uint64_t{count});
  EXPECT_LE(again->memory_of_stored(), 16U * count);
}

}  // namespace
}  // namespace headgate::session_store
