#pragma once

#include "proxy/auth/server_topics.hpp"
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

// Everybody may do everything but speak for the server.
class open_house final : public gateway::authoriser {
 public:
  std::uint32_t version() const override { return 1; }
  bool has_rules() const override { return false; }
  bool may_write(const gateway::principal&, std::string_view topic) const override { return !is_of_server(topic); }
  bool may_read(const gateway::principal&, std::string_view) const override { return true; }
  gateway::reach may_subscribe(const gateway::principal&, std::string_view) const override {
    return gateway::reach::all;
  }
};

}  // namespace headgate::proxy::auth
