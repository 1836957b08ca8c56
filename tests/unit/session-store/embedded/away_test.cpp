#include <gtest/gtest.h>

#include <mutex>

#include "tests/support/failing_env.hpp"
#include "tests/unit/session-store/engine.hpp"

namespace headgate::session_store {
namespace {

using outcome = claimed::outcome;

// The disk fails under the embedded engine.
class embedded_away : public ::testing::Test {
 protected:
  embedded_away() {
    home.options.env = &disk;
    home.options.retry_ms = 1;
    home.options.tell = [this](std::string_view sentence) {
      const std::lock_guard lock(mutex);
      said.emplace_back(sentence);
    };
    open();
  }
  void open() {
    home.open(clock.now());
    store = home.make(0, answers, clock, 0);
  }
  void reopen() {
    store.reset();
    home.close();
    open();
  }
  claimed claim_of(const std::string& id, std::uint32_t expiry_s, bool force = false) {
    store->submit(claim{.request = 1,
                        .client_id = id,
                        .owner = owner_number(1),
                        .nonce = 9,
                        .force = force,
                        .afterlife = {.expiry_s = expiry_s, .will = "w", .will_s = 0}});
    home.wait_until([&] { return !answers.all.empty(); });
    return answers.take<claimed>();
  }
  bool was_said(std::string_view part) {
    const std::lock_guard lock(mutex);
    return std::any_of(said.begin(), said.end(), [&](const auto& one) { return one.find(part) != std::string::npos; });
  }

  std::mutex mutex;
  std::vector<std::string> said;
  tests::failing_env disk;
  hand_moved_clock clock;
  answer_list answers;
  tests::embedded_home home;
  std::unique_ptr<session_store> store;
};

TEST_F(embedded_away, a_full_disk_is_tried_until_there_is_room) {
  const auto first = claim_of("a", 10);
  disk.full = true;
  store->submit(save{2, "a", first.token, "saved"});
  const auto before = disk.files.load();
  // Opened again and again meanwhile: RocksDB's own log would end the process at its second line.
  while (disk.files.load() < before + 4) EXPECT_EQ(claim_of("b", 10).what, outcome::unavailable);
  EXPECT_TRUE(was_said("the test has filled the disk"));
  disk.full = false;
  home.wait_until([&] { return !answers.all.empty(); });
  EXPECT_TRUE(answers.take<saved>().admitted);
  reopen();
  EXPECT_EQ(claim_of("a", 10).record, "saved");
}

TEST_F(embedded_away, saves_and_releases_wait_and_claims_are_unavailable) {
  const auto first = claim_of("a", 10);
  const auto second = claim_of("b", 10);
  disk.broken = true;
  store->submit(save{2, "a", first.token, "saved"});
  store->submit(
      release{.request = 3, .client_id = "b", .token = second.token, .record = "r", .afterlife = {10, {}, 0}});
  EXPECT_EQ(claim_of("c", 10).what, outcome::unavailable);
  EXPECT_EQ(claim_of("d", 0).what, outcome::granted) << "needs no store";
  EXPECT_TRUE(home.store().view().away);
  EXPECT_TRUE(was_said("the test has broken the disk"));
  // A claim behind them waits with them, since answers about one client id come in order.
  store->submit(claim{
      .request = 4, .client_id = "b", .owner = owner_number(2), .nonce = 9, .afterlife = {.expiry_s = 10, .will = {}}});
  home.wait_until([&] { return home.store().view().waiting >= 2; });
  EXPECT_TRUE(answers.all.empty());
  disk.broken = false;
  home.wait_until([&] { return answers.all.size() == 3; });
  for (const auto& answer : answers.all) {
    if (const auto* given = std::get_if<saved>(&answer)) {
      EXPECT_TRUE(given->admitted);
    }
    if (const auto* given = std::get_if<released>(&answer)) {
      EXPECT_TRUE(given->admitted);
    }
    if (const auto* given = std::get_if<claimed>(&answer)) {
      EXPECT_EQ(given->what, outcome::granted);
      EXPECT_EQ(given->record, "r");
    }
  }
  answers.all.clear();
  EXPECT_TRUE(was_said("written again"));
  EXPECT_FALSE(home.store().view().away);
  EXPECT_EQ(claim_of("c", 10).what, outcome::granted);
  reopen();
  EXPECT_EQ(claim_of("a", 10).record, "saved");
  EXPECT_EQ(claim_of("b", 10).record, "r");
}

TEST_F(embedded_away, claim_that_was_refused_leaves_nothing) {
  disk.broken = true;
  EXPECT_EQ(claim_of("a", 10).what, outcome::unavailable);
  store->submit(sweep{2});
  home.wait_until([&] { return !answers.all.empty(); });
  EXPECT_TRUE(answers.take<swept>().all.empty());
  EXPECT_EQ(store->view().held, 0U);
  disk.broken = false;
  while (claim_of("b", 10).what == outcome::unavailable) continue;
  reopen();
  EXPECT_EQ(store->view().kept, 1U);
  EXPECT_FALSE(claim_of("a", 10).present);
}

TEST_F(embedded_away, session_that_is_taken_from_its_holder_stays_with_it_when_the_claim_is_refused) {
  const auto held = claim_of("a", 10);
  disk.broken = true;
  EXPECT_EQ(claim_of("a", 10, true).what, outcome::unavailable);
  EXPECT_EQ(claim_of("a", 10).what, outcome::held);
  store->submit(save{2, "a", held.token, "r"});
  disk.broken = false;
  home.wait_until([&] { return !answers.all.empty(); });
  EXPECT_TRUE(answers.take<saved>().admitted);
  const auto next = claim_of("a", 10, true);
  EXPECT_EQ(next.record, "r");
  EXPECT_EQ(next.token.epoch, held.token.epoch + 1);
}

TEST_F(embedded_away, sweep_that_failed_gives_its_sessions_later) {
  const auto held = claim_of("a", 10);
  store->submit(release{.request = 2, .client_id = "a", .token = held.token, .record = "r", .afterlife = {1, "x", 0}});
  home.wait_until([&] { return !answers.all.empty(); });
  answers.all.clear();
  clock.ms += 1000;
  disk.broken = true;
  store->submit(sweep{3});
  home.wait_until([&] { return !answers.all.empty(); });
  EXPECT_TRUE(answers.take<swept>().all.empty());
  disk.broken = false;
  std::vector<due> all;
  while (all.empty()) {
    store->submit(sweep{4});
    home.wait_until([&] { return !answers.all.empty(); });
    all = answers.take<swept>().all;
  }
  EXPECT_EQ(all, (std::vector<due>{{"a", "x"}}));
  EXPECT_EQ(store->view().kept, 0U);
}

TEST_F(embedded_away, claim_and_save_are_on_the_disk_before_they_are_answered_if_that_is_the_policy) {
  claim_of("a", 10);
  const auto without = disk.syncs.load();
  claim_of("b", 10);
  EXPECT_EQ(disk.syncs, without);
  home.options.sync = true;
  reopen();
  auto before = disk.syncs.load();
  const auto held = claim_of("c", 10);
  EXPECT_GT(disk.syncs, before);
  before = disk.syncs;
  store->submit(save{2, "c", held.token, "r"});
  home.wait_until([&] { return !answers.all.empty(); });
  EXPECT_TRUE(answers.take<saved>().admitted);
  EXPECT_GT(disk.syncs, before);
}

TEST_F(embedded_away, process_ends_though_the_disk_does_not_come_back) {
  const auto held = claim_of("a", 10);
  disk.broken = true;
  store->submit(save{2, "a", held.token, "r"});
  store->submit(save{3, "a", held.token, "s"});
  store.reset();
  home.close();
  EXPECT_TRUE(answers.all.empty());
  disk.broken = false;
  open();
  EXPECT_EQ(claim_of("a", 10).record, "");
}

}  // namespace
}  // namespace headgate::session_store
