#pragma once

#include <string_view>

namespace headgate::admin {

// Whether the Host header of a request names us by an address, or as localhost. A page whose name an attacker makes
// point to our address (DNS rebinding) has a name there, and could otherwise ask through the browser of an operator.
// Where a token is asked for, no page knows it, and any name will do. `bind` is the address that we listen on; if that
// is any ("0.0.0.0", "::"), every address is ours.
bool is_own_host(std::string_view host, std::string_view bind);

}  // namespace headgate::admin
