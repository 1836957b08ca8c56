#pragma once

#include "mqtt/reason_code.hpp"
#include "proxy/gateway/proxy_state.hpp"

namespace headgate::proxy::gateway {

// What an MQTT 5 client hears when its password or a right is wanting. Without auth.tell_reasons it is Unspecified
// error, the code of a server that does not wish to reveal its reason (MQTT 5.0, tables 3-1, 3-4 and 3-8). MQTT 3 has
// no such code, and hears what it always does.
inline mqtt::reason_code told_reason(const proxy_state& state, mqtt::version version, mqtt::reason_code reason) {
  using enum mqtt::reason_code;
  if (state.place.tell_reasons || version != mqtt::version::v5) return reason;
  return reason == not_authorized || reason == bad_user_name_or_password ? unspecified_error : reason;
}

}  // namespace headgate::proxy::gateway
