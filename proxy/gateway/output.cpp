#include "proxy/gateway/output.hpp"

#include <array>

#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/gauges.hpp"
#include "proxy/gateway/pausing.hpp"

namespace headgate::proxy::gateway {

namespace {

constexpr std::size_t parts_per_send = 512;

void flush_list(proxy_state& state, std::vector<std::uint32_t>& list) {
  for (const auto client : list) {
    auto& session = state.sessions[client];
    session.dirty = false;
    flush_client(state, client);
    if (session.state == session::connection_state::closing) state.ports.clients.finish(client);
  }
  list.clear();
}

}  // namespace

bool output_full(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  const auto waiting = session.more ? session.more->delivery_bytes : 0;  // for the store
  const auto full = [&] {
    return waiting + session.pending_bytes + session.output_bytes >= state.limits.max_output_bytes;
  };
  if (!full()) return false;
  if (session.pending_bytes == 0) flush_client(state, client);
  return full();
}

void flush_client(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  std::array<base::bytes, parts_per_send> parts;
  std::size_t filled = 0;
  for (auto at = session.first_extent; at != session::no_extent; at = state.arena[at].next) {
    parts[filled++] = {state.arena[at].data, state.arena[at].size};
    if (filled < parts.size()) continue;
    set_pending(state, session, state.ports.clients.send(client, {parts.data(), filled}));
    filled = 0;
  }
  if (filled > 0) set_pending(state, session, state.ports.clients.send(client, {parts.data(), filled}));
  session.first_extent = session.last_extent = session::no_extent;
  session.output_bytes = 0;

  if (session.pending_bytes >= state.stop_reading_at && session.state == session::connection_state::connected) {
    pause(state, client, session::pause_output);
  }
}

void flush_all(proxy_state& state) {
  flush_list(state, state.dirty_subscribers);
  flush_list(state, state.dirty_others);
  state.arena.reset();
  state.tail.free_dropped();
  count_sent(state);
}

}  // namespace headgate::proxy::gateway
