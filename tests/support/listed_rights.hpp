#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mqtt/topic.hpp"
#include "proxy/auth/server_topics.hpp"
#include "proxy/gateway/authoriser.hpp"

namespace headgate::tests {

// What nobody, or not some client id or user, may do; everything else is allowed.
struct denial {
  std::string who;  // a client id or a user name; empty: everybody
  std::string filter;
  bool read = true;
  bool write = false;
};
using denials = std::vector<denial>;

// An authoriser of a test's own: small enough to be right by a look at it. One thread.
class listed_rights final : public proxy::gateway::authoriser {
 public:
  // Null: no rules.
  explicit listed_rights(std::shared_ptr<const denials> rules) : rules_(std::move(rules)) {}

  void set(std::shared_ptr<const denials> rules) {
    rules_ = std::move(rules);
    ++version_;
  }

  std::uint32_t version() const override { return version_; }
  bool has_rules() const override { return rules_ != nullptr; }
  bool may_write(const proxy::gateway::principal& who, std::string_view topic) const override {
    ++asked;
    if (!rules_) return !proxy::auth::is_of_server(topic);
    return !any(who, [&](const denial& each) { return each.write && mqtt::matches(each.filter, topic); });
  }
  bool may_read(const proxy::gateway::principal& who, std::string_view topic) const override {
    ++asked;
    return !any(who, [&](const denial& each) { return each.read && mqtt::matches(each.filter, topic); });
  }
  // Of wildcards only what is plain to see; the others are `some`.
  proxy::gateway::reach may_subscribe(const proxy::gateway::principal& who, std::string_view filter) const override {
    using proxy::gateway::reach;
    if (!mqtt::has_wildcard(filter)) return may_read(who, filter) ? reach::all : reach::nothing;
    if (any(who, [&](const denial& each) { return each.read && (each.filter == "#" || each.filter == filter); })) {
      return reach::nothing;
    }
    return any(who, [](const denial& each) { return each.read; }) ? reach::some : reach::all;
  }

  mutable std::uint64_t asked = 0;  // about single topics

 private:
  template <class Predicate>
  bool any(const proxy::gateway::principal& who, Predicate is_it) const {
    return rules_ && std::any_of(rules_->begin(), rules_->end(), [&](const denial& each) {
             return (each.who.empty() || each.who == who.client_id || each.who == who.user_name) && is_it(each);
           });
  }

  std::shared_ptr<const denials> rules_;
  std::uint32_t version_ = 1;
};

}  // namespace headgate::tests
