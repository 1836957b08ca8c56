#pragma once

#include <cstdint>
#include <string>

#include "mqtt/reason_code.hpp"

namespace headgate::proxy::gateway {

// Who asks to come in.
struct credentials {
  std::uint32_t request = 0;  // the caller's, comes back with the answer
  std::string client_id;
  std::string user_name;  // empty when the CONNECT has none
  std::string password;
};

class authentication_answers {
 public:
  virtual ~authentication_answers() = default;
  // `reason`: success, or why not: bad_user_name_or_password, not_authorized, server_busy, …
  virtual void on_authenticated(std::uint32_t request, mqtt::reason_code reason) = 0;
};

// The port that decides whether a client may come in. It answers now (before submit() returns) or later, in the
// caller's thread; the order of answers is free.
class authenticator {
 public:
  virtual ~authenticator() = default;
  virtual void submit(credentials&& asked, authentication_answers& answers) = 0;
};

}  // namespace headgate::proxy::gateway
