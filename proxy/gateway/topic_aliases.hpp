#pragma once

#include <cstdint>
#include <string_view>

#include "mqtt/publish.hpp"
#include "proxy/session/session.hpp"

// Topic aliases on one connection (MQTT 5.0, 3.3.2.3.4), in both directions.
namespace headgate::proxy::gateway {

// Whether the client takes aliases from us.
inline bool has_aliases(const session::session& session) {
  return session.more && session.more->alias_maximum > 0;
}

// Replaces the topic by its alias where the client knows one, or gives it one where there is room. What use_alias()
// returns goes to keep_alias() once it is certain that the packet is sent; 0: nothing is to be kept.
std::uint16_t use_alias(session::session& session, mqtt::publish_head& head);
void keep_alias(session::session& session, std::uint16_t alias, std::string_view topic);

// The topic that an incoming PUBLISH means; empty when its alias was not given before. `alias` is not 0 and at most
// the maximum that we announced. A topic that is not empty replaces what the alias stood for.
std::string_view resolve_alias(session::session& session, std::uint16_t alias, std::string_view topic);

}  // namespace headgate::proxy::gateway
