#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/gateway/proxy_state.hpp"
#include "proxy/session/view.hpp"

// What operators ask of a worker's gateway. Questions that look at many places go on in steps: each call looks at
// base::inspect_steps places at most, from *place on, which it moves; begin with 0, and call again, in a later turn,
// until it is done. What changes meanwhile is seen or not. The worker's thread, between two turns or in a letter.
namespace headgate::proxy::gateway {

// Whether a question has come to its end.
enum class inspection : bool { goes_on, done };

// Adds connected clients whose id begins with `prefix`, until `found` has `limit` of them; then *place stands behind
// the last one, and it may be done or not.
inspection list_clients(const proxy_state& state, std::uint32_t* place, std::string_view prefix, std::size_t limit,
                        std::vector<session::client_view>& found);

// Looks for the connected client with this id; done when it was found, too.
inspection find_client(const proxy_state& state, std::uint32_t* place, std::string_view id,
                       std::optional<std::uint32_t>* found);

// `client` is connected.
session::client_view view_client(const proxy_state& state, std::uint32_t client);
session::client_details describe_client(const proxy_state& state, std::uint32_t client);

// Closes the connection of a connected client (MQTT 5: 0x98); its session stays as its expiry says.
void kick_client(proxy_state& state, std::uint32_t client);

// A filter of this worker's clients, and how many of them hold it.
struct held_by {
  std::string filter;
  std::uint64_t subscribers = 0;
};
// Adds the filters that match the topic, shared subscriptions with their prefix. Of more than
// base::inspected_at_most it keeps those with the most subscribers.
inspection match_filters(const proxy_state& state, std::uint32_t* place, std::string_view topic,
                         std::vector<held_by>& found);

}  // namespace headgate::proxy::gateway
