#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/gateway/proxy_state.hpp"

// Wills that are stored. One that has a place in the log has an exchange, which stands with it in the store: so it
// leaves the store when the log has it, and a process that dies between the two leaves a will that is published again
// under the same exchange, which its shard drops.
namespace headgate::proxy::gateway {

// Whether it has a place in the log: nobody says so of another one.
inline bool is_logged(const session::will& will) {
  return will.qos != mqtt::qos::at_most_once || will.retain;
}

// A will is the only message of its nonce.
inline record::exchange exchange_of_will(std::uint64_t nonce) {
  return {nonce, 1};
}

// As it stands in the store.
std::string encode_will(const session::will& will, const principal& owner);

// Publishes a will that the store has handed over under `number`; one that cannot be read is counted and logged.
// Returns the shard that it goes to, or null.
shard_link* publish_stored_will(proxy_state& state, const session_store::due& due);
// Its shard has it, or takes nothing now.
void on_will_appended(proxy_state& state, std::uint32_t will, shard_link& shard);
void on_will_refused(proxy_state& state, std::uint32_t will, shard_link& shard);
// The same for one that is stored nowhere any more.
void keep_refused_will(proxy_state& state, std::string_view encoded);
// Whether so many wait for the log that no client may bring another one.
bool is_full_of_wills(const proxy_state& state);

// Once a second: takes what is due in the store; on_swept() and on_will_forgotten() of events.hpp are here, too.
void sweep_store(proxy_state& state);

}  // namespace headgate::proxy::gateway
