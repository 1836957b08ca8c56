#include "proxy/auth/door.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "tests/unit/proxy/auth/door_fixture.hpp"

namespace headgate::proxy::auth {
namespace {

using testing::door_test;

TEST_F(door_test, a_verified_certificate_comes_in_without_a_password) {
  auto asked = ask("nobody", "");
  asked.has_certificate = true;
  EXPECT_EQ(answers_.of(submit(asked)), reason_code::success);
  EXPECT_EQ(door_->view().accepted, 1U);
  EXPECT_EQ(check_.begun(), 0U);
}

TEST_F(door_test, who_has_no_name_comes_in_where_the_listener_allows_it) {
  auto asked = ask("", "whatever");
  asked.has_user_name = false;
  EXPECT_EQ(answers_.of(submit(asked)), reason_code::not_authorized);
  EXPECT_EQ(door_->view().refused_anonymous, 1U);
  asked.anonymous_allowed = true;
  EXPECT_EQ(answers_.of(submit(asked)), reason_code::success);
  EXPECT_EQ(check_.begun(), 0U);
}

TEST_F(door_test, a_name_needs_its_password_even_where_anonymous_is_allowed) {
  auto asked = ask("alice", "guess");
  asked.anonymous_allowed = true;
  EXPECT_EQ(answer_to(submit(asked)), reason_code::bad_user_name_or_password);
  EXPECT_EQ(answer_to(submit("", "")), reason_code::bad_user_name_or_password);  // a name of no letters is one
}

TEST_F(door_test, without_a_password_file_a_name_is_as_good_as_none) {
  EXPECT_TRUE(door_->verifies_names());
  door_->set_users(nullptr);
  EXPECT_FALSE(door_->verifies_names());
  for (const bool has_name : {false, true}) {
    auto asked = ask(has_name ? "anybody" : "", "anything");
    asked.has_user_name = has_name;
    asked.anonymous_allowed = true;
    EXPECT_EQ(answers_.of(submit(asked)), reason_code::success);
    asked.anonymous_allowed = false;
    EXPECT_EQ(answers_.of(submit(asked)), reason_code::not_authorized);
  }
  EXPECT_EQ(check_.begun(), 0U);
}

TEST_F(door_test, the_password_decides) {
  EXPECT_EQ(answer_to(submit("alice", "secret")), reason_code::success);
  EXPECT_EQ(answer_to(submit("alice", "hidden")), reason_code::bad_user_name_or_password);
  EXPECT_EQ(answer_to(submit("bob", "hidden")), reason_code::success);
  EXPECT_EQ(answer_to(submit("bob", "")), reason_code::bad_user_name_or_password);
  EXPECT_EQ(door_->view().accepted, 2U);
  EXPECT_EQ(door_->view().refused_unknown, 2U);
  EXPECT_EQ(check_.begun(), 4U);
}

TEST_F(door_test, a_name_that_is_not_there_costs_a_hash_as_the_first_user_has_it) {
  EXPECT_EQ(answer_to(submit("mallory", "secret")), reason_code::bad_user_name_or_password);
  EXPECT_EQ(check_.begun(), 1U);
  EXPECT_EQ(check_.last_iterations(), 101U);
  EXPECT_EQ(door_->view().refused_unknown, 1U);

  door_->set_users(std::make_shared<password_file>());
  EXPECT_EQ(answer_to(submit("alice", "secret")), reason_code::bad_user_name_or_password);
  EXPECT_EQ(check_.last_iterations(), default_iterations);
}

TEST_F(door_test, nobody_comes_in_by_the_decoy) {
  hash_pool yes(1, 10, [](const password_hash&, std::string_view) { return true; });
  door gullible(users(), yes, box_.letters(), clock_, 1);
  auto asked = ask("mallory", "anything");
  asked.request = ++last_request_;
  gullible.submit(std::move(asked), answers_);
  EXPECT_EQ(answer_to(last_request_), reason_code::bad_user_name_or_password);
}

TEST_F(door_test, what_was_right_or_wrong_is_so_again_without_a_hash) {
  EXPECT_EQ(answer_to(submit("alice", "secret")), reason_code::success);
  EXPECT_EQ(answer_to(submit("alice", "guess")), reason_code::bad_user_name_or_password);
  EXPECT_EQ(answer_to(submit("mallory", "guess")), reason_code::bad_user_name_or_password);
  EXPECT_EQ(check_.begun(), 3U);
  EXPECT_EQ(answers_.of(submit("alice", "secret", "198.51.100.1")), reason_code::success);
  EXPECT_EQ(answers_.of(submit("alice", "guess")), reason_code::bad_user_name_or_password);
  EXPECT_EQ(answers_.of(submit("mallory", "guess")), reason_code::bad_user_name_or_password);
  EXPECT_EQ(check_.begun(), 3U);
  EXPECT_EQ(door_->view().answered_from_memory, 3U);
  clock_.advance_ms(base::right_password_s * 1000);
  EXPECT_EQ(answer_to(submit("alice", "secret")), reason_code::success);
  EXPECT_EQ(check_.begun(), 4U);
}

TEST_F(door_test, ten_thousand_with_one_password_cost_one_hash) {
  check_.close();
  for (int n = 0; n < 10'000; ++n) submit("alice", "secret", "10.0." + std::to_string(n / 250) + ".1");
  EXPECT_EQ(answers_.size(), 0U);
  check_.open();
  read_all();
  EXPECT_EQ(answers_.count(reason_code::success), 10'000U);
  EXPECT_EQ(check_.begun(), 1U);
  EXPECT_EQ(door_->view().answered_together, 9'999U);
}

TEST_F(door_test, refuses_when_the_pool_is_full_and_takes_no_token_for_it) {
  check_.close();
  for (int n = 0; n < 51; ++n) {
    submit("alice", "guess " + std::to_string(n), "10.0.0." + std::to_string(n));
    if (n == 0) check_.wait_for_begun(1);
  }
  for (int n = 0; n < 100; ++n) {
    EXPECT_EQ(answers_.of(submit("alice", "more " + std::to_string(n), "192.0.2.9")), reason_code::server_busy);
  }
  EXPECT_EQ(door_->view().refused_pool_full, 100U);
  EXPECT_EQ(pool_.view().waiting, 50U);
  check_.open();
  read_all();
  EXPECT_EQ(answer_to(submit("alice", "secret", "192.0.2.9")), reason_code::success);
}

TEST_F(door_test, wipes_the_password_whatever_the_answer) {
  auto without_hash = ask("alice", "short");
  without_hash.has_certificate = true;
  auto with_hash = ask("alice", "secret");
  for (auto* asked : {&without_hash, &with_hash}) {
    asked->request = ++last_request_;
    door_->submit(std::move(*asked), answers_);
    EXPECT_TRUE(asked->password.empty());
    EXPECT_EQ(std::string(asked->password.data(), 6), std::string(6, '\0'));  // a short string's own place
  }
  read_all();
}

TEST_F(door_test, answers_that_come_after_it_has_gone_find_nobody) {
  check_.close();
  submit("alice", "secret");
  check_.wait_for_begun(1);
  door_.reset();
  check_.open();
  box_.wait_and_read();
  EXPECT_EQ(answers_.size(), 0U);
}

TEST_F(door_test, a_new_file_counts_at_once_and_makes_what_was_known_meaningless) {
  EXPECT_EQ(answer_to(submit("alice", "secret")), reason_code::success);
  EXPECT_EQ(answer_to(submit("carol", "third")), reason_code::bad_user_name_or_password);
  auto next = users();
  next->users["alice"].hash = "new";
  next->users["carol"] = {101, "salt of carol", "third"};
  next->users.erase("bob");
  door_->set_users(next);
  EXPECT_EQ(answer_to(submit("alice", "secret")), reason_code::bad_user_name_or_password);
  EXPECT_EQ(answer_to(submit("alice", "new")), reason_code::success);
  EXPECT_EQ(answer_to(submit("carol", "third")), reason_code::success);
  EXPECT_EQ(answer_to(submit("bob", "hidden")), reason_code::bad_user_name_or_password);
}

TEST_F(door_test, a_hash_of_a_line_that_changed_meanwhile_lets_nobody_in) {
  check_.close();
  const auto changed = submit("alice", "secret", "192.0.2.1");
  const auto same = submit("bob", "hidden", "192.0.2.2");
  auto next = users();
  next->users["alice"].salt = "new";
  door_->set_users(next);
  check_.open();
  read_all();
  EXPECT_EQ(answers_.of(changed), reason_code::server_busy);
  EXPECT_EQ(answers_.of(same), reason_code::success);
  EXPECT_EQ(door_->view().refused_changed, 1U);
  EXPECT_EQ(answer_to(submit("alice", "secret", "192.0.2.1")), reason_code::success);
}

TEST_F(door_test, a_hash_of_a_user_or_a_file_that_went_meanwhile_lets_nobody_in) {
  check_.close();
  const auto removed = submit("alice", "secret");
  auto next = users();
  next->users.erase("alice");
  door_->set_users(next);
  const auto without_file = submit("bob", "hidden");
  check_.allow(1);
  EXPECT_EQ(answer_to(removed), reason_code::server_busy);
  door_->set_users(nullptr);
  check_.open();
  EXPECT_EQ(answer_to(without_file), reason_code::server_busy);
}

}  // namespace
}  // namespace headgate::proxy::auth
