#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "mqtt/errc.hpp"
#include "mqtt/framing.hpp"
#include "proxy/gateway/proxy_state.hpp"

// What can happen to a gateway: a function for each, in the file of its name. Answers stand beside what they answer:
// route_registered with on_subscribe, route_withdrawn with on_unsubscribe, READ in catching_up.cpp, fetched messages in
// resending.cpp, retained ones in retained.cpp, those of groups in groups.cpp, saved in storing.cpp, released in
// releasing.cpp, barrier_passed in barriers.cpp, swept in wills.cpp; changes of rights and users in change_walks.cpp.
namespace headgate::proxy::gateway {

// ---- from the clients' sockets

void on_accepted(proxy_state& state, std::uint32_t client);
// Handles the whole packets at the start of `data` and returns how many bytes they have; the rest is to come again with
// more behind it. `*packet_size` becomes the size of the incomplete packet where it is known, else 0.
std::size_t on_bytes(proxy_state& state, std::uint32_t client, base::bytes data, std::size_t* packet_size);
// The connection is gone; the number may be used again.
void on_closed(proxy_state& state, std::uint32_t client);
// The socket took more of what was pending.
void on_sent(proxy_state& state, std::uint32_t client, std::uint32_t still_pending);

// ---- packets, in a file each; the session is connected (on_connect: awaits it)

void on_connect(proxy_state& state, std::uint32_t client, const mqtt::frame& packet);
void on_publish(proxy_state& state, std::uint32_t client, const mqtt::frame& packet);
void on_puback(proxy_state& state, std::uint32_t client, const mqtt::frame& packet);
void on_pubrec(proxy_state& state, std::uint32_t client, const mqtt::frame& packet);
void on_pubrel(proxy_state& state, std::uint32_t client, const mqtt::frame& packet);
void on_pubcomp(proxy_state& state, std::uint32_t client, const mqtt::frame& packet);
void on_subscribe(proxy_state& state, std::uint32_t client, const mqtt::frame& packet);
void on_unsubscribe(proxy_state& state, std::uint32_t client, const mqtt::frame& packet);
void on_pingreq(proxy_state& state, std::uint32_t client, const mqtt::frame& packet);
void on_disconnect(proxy_state& state, std::uint32_t client, const mqtt::frame& packet);

// ---- from the shards

// The entries are those of the message; the batch holds their bytes.
void on_stream(proxy_state& state, const link::stream_batch& message, std::span<const link::stream_entry> entries,
               std::span<const std::uint32_t> ids, const record::batch_ref& batch);
void on_stream_progress(proxy_state& state, const link::stream_progress& message);
void on_appended(proxy_state& state, const link::appended& message);
void on_refused(proxy_state& state, const link::refused& message);
void on_route_registered(proxy_state& state, const link::route_registered& message);
void on_route_withdrawn(proxy_state& state, const link::route_withdrawn& message);
void on_read_batch(proxy_state& state, const link::read_batch& message, std::span<const link::stream_entry> entries,
                   std::span<const std::uint32_t> ids);
void on_read_end(proxy_state& state, const link::read_end& message);
void on_fetch_batch(proxy_state& state, const link::fetch_batch& message, std::span<const link::stream_entry> entries);
void on_fetch_end(proxy_state& state, const link::fetch_end& message);
void on_retained_message(proxy_state& state, const link::retained_message& message, const link::stream_entry& entry);
void on_retained_end(proxy_state& state, const link::retained_end& message);
void on_group_message(proxy_state& state, const link::group_message& message, const link::stream_entry& entry,
                      std::span<const std::uint32_t> ids);
// What on_pubrel() does of a message that is in the log.
void release_received(proxy_state& state, std::uint32_t client, std::uint16_t packet_id);
// All shards know that the client has left the groups of its UNSUBSCRIBE (pending_unsubscribe).
void on_group_left(proxy_state& state, std::uint32_t unsubscribe);
void on_barrier_passed(proxy_state& state, const link::barrier_passed& message);

// ---- from the authenticator, the store of sessions, and the holders of sessions

void on_authenticated(proxy_state& state, std::uint32_t request, mqtt::reason_code reason);
void on_claimed(proxy_state& state, session_store::claimed&& message);
void on_saved(proxy_state& state, const session_store::saved& message);
void on_released(proxy_state& state, const session_store::released& message);
void on_swept(proxy_state& state, const session_store::swept& message);
void on_will_forgotten(proxy_state& state, const session_store::will_forgotten& message);
void on_takeover_asked(proxy_state& state, const session_store::takeover_ask& message);
void on_takeover_answered(proxy_state& state, const session_store::takeover_answer& message);

// ---- rights and users; each takes effect on who is connected at once, or is asked for per message until it has

// The authoriser has other rules than before, or there are rules now, or none any more: to be called right after,
// before anything else of this gateway.
void on_rights_changed(proxy_state& state);
// The passwords of these users were changed, or the users removed, and the authenticator knows: clients that came in
// before under such a name are sent away.
void on_users_changed(proxy_state& state, std::vector<std::string> changed);

// ---- time and life

void on_timers(proxy_state& state);
// Tells every client that the server goes away, and closes.
void on_shutdown(proxy_state& state);

}  // namespace headgate::proxy::gateway
