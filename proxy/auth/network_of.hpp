#pragma once

#include <cstdint>
#include <string_view>

namespace headgate::proxy::auth {

// Who is one and the same for a limit: an IPv4 address ("192.0.2.7", also as "::ffff:192.0.2.7"), or the /64 of an IPv6
// address ("2001:db8::7", also with a zone behind '%'), since that is what one customer is given. Different numbers for
// all of them, never 0; what is no address has one by its hash. Pure.
std::uint64_t network_of(std::string_view address);

}  // namespace headgate::proxy::auth
