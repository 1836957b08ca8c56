#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mqtt/errc.hpp"
#include "proxy/gateway/proxy_state.hpp"

// The ways in which we end a client's connection.
namespace headgate::proxy::gateway {

// Whether a refusal is the client's fault and so gets a (rate-limited) log line.
enum class blame : bool { none, client };

// Tells the client why, where its version can say it (DISCONNECT in MQTT 5), gives up its subscriptions, and closes
// once it has had the time to read that.
void close_with_reason(proxy_state& state, std::uint32_t client, mqtt::reason_code reason, std::string_view why,
                       blame blame);
// The same for a packet that is wrong.
void close_with_error(proxy_state& state, std::uint32_t client, mqtt::errc error);
// The session goes to another connection; `asker` hears when it is in the store.
void close_for_takeover(proxy_state& state, std::uint32_t client, const session_store::takeover_answer& asker);
// Refuses a CONNECT with CONNACK.
void refuse_connect(proxy_state& state, std::uint32_t client, mqtt::version version, mqtt::reason_code reason,
                    std::string_view why, std::uint32_t maximum_packet_size = mqtt::max_remaining_length);
// Closes at once and without a word.
void close_now(proxy_state& state, std::uint32_t client);

// A rate-limited log line about one client: "client 'id' at address <what>".
void log_client(proxy_state& state, std::uint32_t client, std::string_view what);

// What is safe in a log line and on a terminal of a text that a client sent.
std::string printable(std::string_view text);

// The session is somebody else's: its client is told so and closed.
void lose_session(proxy_state& state, std::uint32_t client);

// Ends what the session has on this worker and gives it back to the store; its will goes out, or waits in the store.
// The caller sets the connection's state. `asker`: who asked for the session and hears when the store has it.
void end_session(proxy_state& state, std::uint32_t client,
                 const std::optional<session_store::takeover_answer>& asker = std::nullopt);

}  // namespace headgate::proxy::gateway
