#pragma once

#include <string_view>

namespace headgate::proxy::auth {

// Topics that only the server itself publishes to, whatever the rules: those of $SYS, but for those where mosquitto's
// bridges say whether they are connected.
inline bool is_of_server(std::string_view topic) {
  if (topic.starts_with("$SYS/broker/connection/")) return false;
  return topic.starts_with("$SYS/") || topic == "$SYS";
}

}  // namespace headgate::proxy::auth
