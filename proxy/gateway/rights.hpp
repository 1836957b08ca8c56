#pragma once

#include <string_view>

#include "proxy/gateway/proxy_state.hpp"

// What a client may do, asked wherever it publishes or is shown something. Without rules nothing of this costs more
// than a look at a pointer.
namespace headgate::proxy::gateway {

// Takes over from the authoriser whether there are rules, and which.
void take_rules(proxy_state& state);

// By the cache, else by the authoriser.
bool ask_right(proxy_state& state, std::uint32_t client, std::string_view topic, std::uint64_t topic_hash, right right);

// Whether a connected client may publish to the topic; `topic_hash` is base::hash_of(topic).
inline bool may_write(proxy_state& state, std::uint32_t client, std::string_view topic, std::uint64_t topic_hash) {
  if (!state.rights_cache && topic.front() != '$') return true;
  return ask_right(state, client, topic, topic_hash, right::write);
}

// Whether a connected client may be shown the record.
inline bool may_read(proxy_state& state, std::uint32_t client, const record::record_header& record) {
  return !state.rights_cache || ask_right(state, client, record.topic(), record.topic_hash, right::read);
}

// How much of a filter, which may be a $share one, a connected client may be shown.
reach reach_of(const proxy_state& state, const session::session& session, std::string_view filter);

// Whether each message for the subscriber has to be asked for: it may read a part of what its filter matches, or
// nothing, or the rules have changed and nobody has looked at it since.
inline bool is_checked(const proxy_state& state, const subscriber& subscriber) {
  return subscriber.checked || subscriber.session >= state.rights_walk.session;
}

// Whether a connected client may be shown a record that is there for it; one that it may not is counted.
inline bool may_show(proxy_state& state, std::uint32_t client, const record::record_header& record) {
  if (may_read(state, client, record)) return true;
  ++state.counters.deliveries_refused;
  return false;
}

}  // namespace headgate::proxy::gateway
