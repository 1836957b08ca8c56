#pragma once

#include "proxy/gateway/proxy_state.hpp"

// What a change of rights or users means for the clients that are here already, a part of them each turn, since there
// may be a million; on_rights_changed() and on_users_changed() of events.hpp are here, too.
namespace headgate::proxy::gateway {

inline bool walks(const proxy_state& state) {
  return state.rights_walk.session != rights_walk::over || state.users_walk.session != users_walk::over;
}

// Once a turn: the next part, where there is one.
void walk_on(proxy_state& state);

}  // namespace headgate::proxy::gateway
