#pragma once

#include <string_view>

#include "proxy/gateway/proxy_state.hpp"

namespace headgate::proxy::gateway {

// Publishes a will that waited in the store; one that cannot be read is counted and logged. Returns the
// shard that it goes to, or null.
shard_link* publish_stored_will(proxy_state& state, std::string_view encoded);

// Once a second: takes what is due in the store; on_swept() of events.hpp is here, too.
void sweep_store(proxy_state& state);

}  // namespace headgate::proxy::gateway
