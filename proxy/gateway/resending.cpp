#include "proxy/gateway/resending.hpp"

#include <algorithm>
#include <utility>

#include "proxy/gateway/catching_up.hpp"
#include "proxy/gateway/deliver.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/rights.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::inflight_slot;
using session::inflight_state;

// The next run of unsent messages in sending order, of one shard and with ascending offsets.
void collect_run(session::session& session, std::size_t most, std::uint16_t* shard,
                 std::vector<record::offset>& places) {
  auto& run = session.more->resends;
  session.inflight.for_each([&](const inflight_slot& slot, std::uint16_t packet_id) {
    const bool ended = !run.empty() && run.back() == 0;
    if (!slot.unsent || ended) return;
    const bool fits = run.empty() || (slot.shard == *shard && slot.offset > places.back().value && run.size() < most);
    if (!fits) {
      run.push_back(0);
      return;
    }
    *shard = slot.shard;
    run.push_back(packet_id);
    places.push_back(record::offset{slot.offset});
  });
  if (!run.empty() && run.back() == 0) run.pop_back();
}

// What the client has in hand on this connection: places that are done behind an older one are no part of it.
std::size_t outstanding_of(session::session& session) {
  std::size_t count = 0;
  session.inflight.for_each([&](const inflight_slot& slot, std::uint16_t) {
    if (slot.state != inflight_state::done && !slot.unsent) ++count;
  });
  return count;
}

// The log no longer has it, or the client does not take its size, or may not be shown it any more. QoS 1 ends here; QoS
// 2 goes on with PUBREL, so that the id comes free at both ends.
void give_up(proxy_state& state, std::uint32_t client, std::uint16_t packet_id) {
  auto& session = state.sessions[client];
  auto* slot = session.inflight.find(packet_id);
  slot->unsent = 0;
  --session.more->unsent;
  if (slot->qos == 1) return session.inflight.finish(state.inflight_pool, packet_id);
  slot->state = inflight_state::received;
  send_acknowledgement(state, client, mqtt::packet_type::pubrel, packet_id);
}

}  // namespace

void request_resends(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  if (!session.more || session.more->unsent == 0 || !session.more->resends.empty()) return;
  const auto outstanding = outstanding_of(session);
  if (outstanding >= session.window || output_full(state, client)) return;
  const auto most = std::min<std::size_t>(session.window - outstanding, base::resends_per_fetch);
  std::uint16_t shard = 0;
  std::vector<record::offset> places;
  collect_run(session, most, &shard, places);
  auto& outgoing = state.shards[shard]->outgoing;
  outgoing.messages.emplace_back(link::fetch_request{state.place.worker, state.ref_of(client),
                                                     static_cast<std::uint32_t>(outgoing.places.size()),
                                                     static_cast<std::uint32_t>(places.size())});
  outgoing.places.insert(outgoing.places.end(), places.begin(), places.end());
}

void on_fetch_batch(proxy_state& state, const link::fetch_batch& message, std::span<const link::stream_entry> entries) {
  auto* session = state.connected(message.client);
  if (session == nullptr) return;
  for (const auto& entry : entries) {
    auto& run = session->more->resends;
    const auto found = std::find_if(run.begin(), run.end(), [&](std::uint16_t packet_id) {
      const auto* slot = session->inflight.find(packet_id);
      return slot != nullptr && slot->unsent && slot->offset == entry.place.value;
    });
    if (found == run.end()) continue;  // acknowledged meanwhile
    // Asked for again when there is room; once one had none, what comes after it has to wait, too.
    session->more->resend_cut |= output_full(state, message.client.index);
    if (session->more->resend_cut) {
      run.erase(found);
      continue;
    }
    auto& slot = *session->inflight.find(*found);
    if (!may_show(state, message.client.index, *entry.record)) {
      give_up(state, message.client.index, *found);
      continue;
    }
    const auto delivery = delivery_of(state, entry, message.shard, message.timestamp_ms);
    if (!fits(state, message.client.index, slot, delivery)) continue;
    slot.unsent = 0;
    --session->more->unsent;
    send_again(state, message.client.index, slot, *found, delivery);
    count_late(state, delivery, 1);
    if (state.arena.wants_flush()) flush_all(state);
  }
}

void on_fetch_end(proxy_state& state, const link::fetch_end& message) {
  auto* session = state.connected(message.client);
  if (session == nullptr) return;
  session->more->resend_cut = false;
  auto run = std::exchange(session->more->resends, {});
  for (const auto packet_id : run) {
    const auto* slot = session->inflight.find(packet_id);
    if (slot == nullptr || !slot->unsent) continue;
    ++state.counters.lost_inflight;
    give_up(state, message.client.index, packet_id);
  }
  use_room(state, message.client.index);
}

}  // namespace headgate::proxy::gateway
