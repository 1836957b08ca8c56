#pragma once

#include <memory>

#include "admin/exchange.hpp"
#include "admin/handlers.hpp"

namespace headgate::admin {

// Finds the handler of a request and has it answered; what no handler knows is answered here:
//   400  the target, or a missing Host header in HTTP/1.1
//   401  no token, or not the right one, where one is asked for (bearer_token.hpp); with WWW-Authenticate
//   403  without a token: another name in the Host header (host_check.hpp); a change without the header
//   X-Headgate-Admin 404  no such path 405  with Allow
// `bind` is the address that the listener has. On the thread of the services; `respond` is called there too, once, now
// or later.
void route(const request& request, const std::string& bind, const std::shared_ptr<services>& services, respond respond);

}  // namespace headgate::admin
