#pragma once

#include <string>
#include <string_view>

#include "proxy/gateway/ending.hpp"
#include "proxy/gateway/proxy_state.hpp"

// Log lines about clients: one when a client has connected, one when it has gone, and one when something is wrong with
// it; none a message. All are limited in number (line_budget.hpp). Events: client_connected, client_disconnected,
// client_refused, client_lost_messages, client_publish_refused, client_subscribe_refused, client_will_refused,
// client_session_unreadable, client_lines_left_out.
// Fields, where they apply: client, address, listener, user, protocol, keep_alive_s, session (new, resumed), expiry_s;
// cause (client, network, keep_alive, takeover, operator, user_changed, shutdown, error:<reason code>),
// reason_code (0x8d), connected_s, other (an address).
namespace headgate::proxy::gateway {

void tell_connected(proxy_state& state, std::uint32_t client, bool clean_start, bool resumed);
// While the session is still there.
void tell_ended(proxy_state& state, std::uint32_t client, const ending& ending);
// A connection that never came to a session; `why` goes on from "was refused: ".
void tell_refused(proxy_state& state, std::uint32_t client, mqtt::reason_code reason, std::string_view why);
// Something else that is wrong; `what` goes on from "client 'id' at address ".
void tell_problem(proxy_state& state, std::uint32_t client, std::string_view event, std::string_view what);

// Of a client that may have gone long ago.
void tell_will_refused(proxy_state& state, const principal& owner, std::string_view topic);

// Whether nothing of this kind (session::told_… bit) has been said of this connection. From now on it counts as said.
bool is_first_refusal(proxy_state& state, std::uint32_t client, std::uint8_t kind);

// Once a turn: says, at times, how many lines were left out, also when no further ones come.
void tell_left_out(proxy_state& state);
// The same at once, if there were any.
void tell_all_left_out(proxy_state& state);

// "192.0.2.7" of "192.0.2.7:51324", "2001:db8::7" of "[2001:db8::7]:51324".
std::string_view host_of(std::string_view address);

// What is safe in a log line and on a terminal of a text that a client sent (base/printable.hpp): 128 bytes of it.
std::string printable(std::string_view text);

}  // namespace headgate::proxy::gateway
