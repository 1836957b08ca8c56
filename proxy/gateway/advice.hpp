#pragma once

#include <string>

#include "base/limits.hpp"
#include "mqtt/reason_code.hpp"

namespace headgate::proxy::gateway {

// What an operator can do about a client that was refused or closed for this reason: a clause without a full stop, such
// as "limits.max_packet_bytes is 1048576". Empty: nothing that we knew of.
std::string advice_for(mqtt::reason_code reason, const base::limits& limits);

}  // namespace headgate::proxy::gateway
