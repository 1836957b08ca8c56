#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "net/tls_context.hpp"

namespace headgate::proxy::listener {

// Which name of its verified certificate is a client's user name.
enum class certificate_user : std::uint8_t { none, common_name, alternative_name };

// What a listener gives its clients.
struct listening {
  std::string name{};              // for log lines and operators
  bool anonymous_allowed = false;  // lets in who has no user name
  certificate_user user = certificate_user::none;
  std::shared_ptr<const net::tls_context> tls{};  // a server's; null: without TLS
};

}  // namespace headgate::proxy::listener
