#pragma once

#include <optional>
#include <string_view>

#include "mqtt/errc.hpp"
#include "proxy/gateway/ending.hpp"
#include "proxy/gateway/proxy_state.hpp"

// The ways in which we end a client's connection.
namespace headgate::proxy::gateway {

// Tells the client why, where its version can say it (DISCONNECT in MQTT 5), gives up its subscriptions, and closes
// once it has had the time to read that. `why` is for the client, and for the log where the cause is an error.
void close_with_reason(proxy_state& state, std::uint32_t client, mqtt::reason_code reason, std::string_view why,
                       ended_by cause);
// The same for a packet that is wrong.
void close_with_error(proxy_state& state, std::uint32_t client, mqtt::errc error);
// The session goes to another connection, from `address`; `asker` hears when it is in the store.
void close_for_takeover(proxy_state& state, std::uint32_t client, const session_store::takeover_answer& asker,
                        std::string_view address);
// Refuses a CONNECT with CONNACK, which is left out if the client does not take a packet as large [MQTT-3.1.2-24].
void refuse_connect(proxy_state& state, std::uint32_t client, mqtt::version version, mqtt::reason_code reason,
                    std::string_view why, std::uint32_t maximum_packet_size);
// Closes at once and without a word. A connection without a session ends by nothing that is counted.
void close_now(proxy_state& state, std::uint32_t client, const ending& ending);

// The session is somebody else's: its client is told so and closed.
void lose_session(proxy_state& state, std::uint32_t client);

// Ends what the session has on this worker and gives it back to the store; its will goes out before, or waits there.
// A connected client's end is counted and logged. The caller sets the connection's state. `asker`: who asked for the
// session and hears when the store has it.
void end_session(proxy_state& state, std::uint32_t client, const ending& ending,
                 const std::optional<session_store::takeover_answer>& asker = std::nullopt);

}  // namespace headgate::proxy::gateway
