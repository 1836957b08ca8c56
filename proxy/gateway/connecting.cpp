#include "proxy/gateway/connecting.hpp"

#include <algorithm>
#include <utility>

#include "base/hash.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/wills.hpp"

namespace headgate::proxy::gateway {

namespace {

// A number of the user to whom the session is bound; all without a user name are one.
std::uint64_t user_of(const proxy_state& state, const pending_connect& pending) {
  if (!state.place.bind_client_id) return 0;
  return std::max<std::uint64_t>(base::hash_of(pending.user_name), 1);
}

// Written by a store that outlives the process, before CONNACK.
session_store::afterlife afterlife_of(const pending_connect& pending) {
  session_store::afterlife after;
  after.expiry_s = pending.expiry_s;
  if (pending.expiry_s == 0 || !pending.will) return after;
  after.will = encode_will(*pending.will, {pending.client_id, pending.user_name});
  after.will_s = pending.will->delay_s;
  return after;
}

}  // namespace

bool still_waits(proxy_state& state, const pending_connect& pending) {
  const auto& session = state.sessions[pending.client.index];
  return session.generation == pending.client.generation && session.state == session::connection_state::claiming;
}

mqtt::connack connack_of(const proxy_state& state, const pending_connect& pending) {
  mqtt::connack answer;
  answer.receive_maximum = state.limits.inflight_in;
  answer.maximum_packet_size = state.limits.max_packet_bytes;
  answer.topic_alias_maximum = state.limits.topic_aliases;
  if (pending.keep_alive_is_ours) answer.server_keep_alive_s = pending.keep_alive_s;
  if (pending.id_assigned) answer.assigned_client_id = pending.client_id;
  return answer;
}

void claim_session(proxy_state& state, std::uint32_t request, bool force) {
  auto& pending = state.connects[request];
  pending.at = pending_connect::step::claiming;
  if (force) ++state.counters.takeovers_forced;
  state.timers.set(pending.client.index, base::takeover_patience_s, state.now.monotonic);
  if (pending.will && pending.expiry_s > 0 && is_logged(*pending.will)) {
    while (pending.will->nonce == 0) pending.will->nonce = state.random.next();
  }
  state.ports.store.submit(session_store::claim{request,
                                                pending.client_id,
                                                {state.place.incarnation, state.place.worker, pending.client},
                                                state.random.next(),
                                                force,
                                                pending.clean_start,
                                                user_of(state, pending),
                                                afterlife_of(pending)});
}

void give_up_connect(proxy_state& state, std::uint32_t request, mqtt::reason_code reason, std::string_view why) {
  const auto client = state.connects[request].client.index;
  const auto version = state.connects[request].version;
  const auto maximum_packet_size = state.connects[request].maximum_packet_size;
  auto& user_name = state.connects[request].user_name;
  if (!user_name.empty()) state.sessions[client].with_details().user_name = std::move(user_name);  // for its log line
  end_connect(state, request);
  refuse_connect(state, client, version, reason, why, maximum_packet_size);
}

void end_connect(proxy_state& state, std::uint32_t request) {
  state.connects[request] = {};
  state.connects.release(request);
}

void on_connect_waits(proxy_state& state, std::uint32_t client) {
  const auto request = state.sessions[client].connect;
  auto& pending = state.connects[request];
  pending.waited_s += base::takeover_patience_s;
  if (pending.at == pending_connect::step::asking) return claim_session(state, request, true);
  if (pending.waited_s < state.limits.connect_timeout_s) {
    return state.timers.set(client, base::takeover_patience_s, state.now.monotonic);
  }
  // Its answer may still come, and finds nobody.
  refuse_connect(state, client, pending.version, mqtt::reason_code::server_unavailable,
                 "whoever keeps its session or its password does not answer", pending.maximum_packet_size);
}

}  // namespace headgate::proxy::gateway
