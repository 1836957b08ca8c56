#pragma once

#include <ctime>
#include <string>

#include "admin/exchange.hpp"

namespace headgate::admin {

struct response_form {
  bool head = false;        // without the body
  bool keep_alive = false;  // whether another request may follow
  std::time_t now = 0;
};

// The response as HTTP/1.1 has it on the wire.
std::string response_text(const response& response, const response_form& form);

}  // namespace headgate::admin
