#pragma once

#include <memory>
#include <utility>

#include "proxy/auth/acl.hpp"
#include "proxy/auth/server_topics.hpp"
#include "proxy/gateway/authoriser.hpp"

namespace headgate::proxy::auth {

// The rules of an ACL file, that may be exchanged while the server runs; without a file, everybody may do everything
// but speak for the server. The worker's thread only.
class acl_authoriser final : public gateway::authoriser {
 public:
  // `rules`: null when there is no file.
  explicit acl_authoriser(std::shared_ptr<const acl> rules) : rules_(std::move(rules)) {}

  // False: these are in force already. True: who keeps what was allowed has to look at version()
  // (gateway::on_rights_changed).
  bool set_rules(std::shared_ptr<const acl> rules) {
    if (rules == rules_) return false;
    rules_ = std::move(rules);
    ++version_;
    return true;
  }

  std::uint32_t version() const override { return version_; }
  bool has_rules() const override { return rules_ != nullptr; }
  bool may_write(const gateway::principal& who, std::string_view topic) const override {
    return rules_ ? auth::may_write(*rules_, who, topic) : !is_of_server(topic);
  }
  bool may_read(const gateway::principal& who, std::string_view topic) const override {
    return !rules_ || auth::may_read(*rules_, who, topic);
  }
  gateway::reach may_subscribe(const gateway::principal& who, std::string_view filter) const override {
    return rules_ ? auth::may_subscribe(*rules_, who, filter) : gateway::reach::all;
  }

 private:
  std::shared_ptr<const acl> rules_;
  std::uint32_t version_ = 1;
};

}  // namespace headgate::proxy::auth
