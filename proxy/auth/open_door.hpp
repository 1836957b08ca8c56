#pragma once

#include "proxy/gateway/authenticator.hpp"
#include "proxy/gateway/authoriser.hpp"

namespace headgate::proxy::auth {

// Lets everybody in.
class open_door final : public gateway::authenticator {
 public:
  void submit(gateway::credentials&& asked, gateway::authentication_answers& answers) override {
    answers.on_authenticated(asked.request, mqtt::reason_code::success);
  }
};

// Everybody may do everything but speak for the server: topics of $SYS are its own, but for those where mosquitto's
// bridges say whether they are connected.
class open_house final : public gateway::authoriser {
 public:
  bool has_rules() const override { return false; }
  bool may_publish(const gateway::principal&, std::string_view topic) const override {
    if (topic.starts_with("$SYS/broker/connection/")) return true;
    return !topic.starts_with("$SYS/") && topic != "$SYS";
  }
  bool may_subscribe(const gateway::principal&, std::string_view) const override { return true; }
};

}  // namespace headgate::proxy::auth
