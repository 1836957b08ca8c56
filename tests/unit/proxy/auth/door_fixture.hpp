#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "proxy/auth/door.hpp"
#include "tests/unit/proxy/auth/fakes.hpp"

namespace headgate::proxy::auth::testing {

// A door with one thread behind it, whose hashes are fakes: the password of a user stands in its hash.
class door_test : public ::testing::Test {
 protected:
  using reason_code = mqtt::reason_code;

  static std::shared_ptr<password_file> users() {
    password_file file;
    file.users["alice"] = {101, "salt of alice", "secret"};
    file.users["bob"] = {2000, "salt of bob", "hidden"};
    return std::make_shared<password_file>(std::move(file));
  }
  static gateway::credentials ask(std::string user_name, std::string password, std::string address = "192.0.2.7") {
    gateway::credentials asked;
    asked.client_id = "device";
    asked.user_name = std::move(user_name);
    asked.password = std::move(password);
    asked.address = std::move(address);
    asked.has_user_name = true;
    return asked;
  }
  // Returns the request.
  std::uint32_t submit(gateway::credentials asked) {
    asked.request = ++last_request_;
    door_->submit(std::move(asked), answers_);
    return last_request_;
  }
  std::uint32_t submit(std::string user_name, std::string password, std::string address = "192.0.2.7") {
    return submit(ask(std::move(user_name), std::move(password), std::move(address)));
  }
  reason_code answer_to(std::uint32_t request) {
    box_.read_until([&] { return answers_.has(request); });
    return answers_.of(request);
  }
  void read_all() {
    box_.read_until([&] { return answers_.size() == last_request_; });
  }
  void TearDown() override { EXPECT_FALSE(answers_.repeated()); }

  manual_clock clock_;
  letter_box box_;
  fake_check check_;
  recorded_answers answers_;
  std::uint32_t last_request_ = 0;
  hash_pool pool_{1, 50, std::ref(check_)};
  std::unique_ptr<door> door_ = std::make_unique<door>(users(), pool_, box_.letters(), clock_, 1);
};

}  // namespace headgate::proxy::auth::testing
