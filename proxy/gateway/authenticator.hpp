#pragma once

#include <cstdint>
#include <string>

#include "mqtt/reason_code.hpp"

namespace headgate::proxy::gateway {

// Who asks to come in, and through which door.
struct credentials {
  std::uint32_t request = 0;  // the caller's, comes back with the answer
  std::string client_id;
  std::string user_name;  // empty when the CONNECT has none; that of its certificate where the listener takes it there
  std::string password;
  std::string address;             // "192.0.2.7", without the port
  bool has_user_name = false;      // the CONNECT has one, or its certificate
  bool has_certificate = false;    // `user_name` is of a certificate that the listener has verified: needs no password
  bool anonymous_allowed = false;  // the listener lets in who has no user name
};

class authentication_answers {
 public:
  virtual ~authentication_answers() = default;
  // `reason`: success, or why not:
  //   bad_user_name_or_password (3.x: 4)  the name is unknown or the password is not its own
  //   not_authorized            (3.x: 5)  a name is needed here, and it has none
  //   server_busy               (3.x: 3)  as many passwords are being checked as may be
  //   connection_rate_exceeded  (3.x: 3)  too many wrong passwords came from its address
  virtual void on_authenticated(std::uint32_t request, mqtt::reason_code reason) = 0;
};

// The port that decides whether a client may come in. It answers now (before submit() returns) or later, in the
// caller's thread; the order of answers is free, and each request gets one.
class authenticator {
 public:
  virtual ~authenticator() = default;
  virtual void submit(credentials&& asked, authentication_answers& answers) = 0;
  // Whether the user names of those whom it lets in are known to be theirs. If they are not, a name that no certificate
  // vouches for is as good as none: it gives no rights and no session.
  virtual bool verifies_names() const { return true; }
};

}  // namespace headgate::proxy::gateway
