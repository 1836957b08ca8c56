#include "proxy/gateway/resending.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "mqtt/topic.hpp"
#include "proxy/gateway/catching_up.hpp"
#include "proxy/gateway/deliver.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/rights.hpp"
#include "proxy/gateway/storing.hpp"

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
// 2 goes on with PUBREL, so that the id comes free at both ends: stored first, or who takes the session up when its
// owner has died could send the message again under an id that the client has done with.
void give_up(proxy_state& state, std::uint32_t client, std::uint16_t packet_id) {
  auto& session = state.sessions[client];
  auto* slot = session.inflight.find(packet_id);
  slot->unsent = 0;
  --session.more->unsent;
  if (slot->qos == 1) return session.inflight.finish(state.inflight_pool, packet_id);
  slot->state = inflight_state::received;
  acknowledge_when_stored(state, client, mqtt::packet_type::pubrel, packet_id, mqtt::reason_code::success);
}

// Whether a message that is sent again has to be compared with the filters, for their Subscription Identifiers.
bool has_identifiers(const proxy_state& state, const session::session& session) {
  const auto all = session.subscriptions.all();
  return session.version == mqtt::version::v5 && std::any_of(all.begin(), all.end(), [&](const auto& held) {
           return state.filters[held.filter].subscribers.all()[held.place].identifier != 0;
         });
}

// How many of the session's messages are fetched at once: each is compared with all filters where there are
// identifiers, so a client that holds very many filters has fewer of them in a turn.
std::size_t most_at_once(const session::session& session) {
  if (!session.more->resend_identified) return base::resends_per_fetch;
  const auto filters = std::max<std::size_t>(session.subscriptions.size(), 1);
  return std::clamp<std::size_t>(base::filters_compared_per_fetch / filters, 1, base::resends_per_fetch);
}

// What it was granted, with the Subscription Identifiers of the filters that match it now (MQTT 5.0, 3.3.4): nobody
// keeps those it was sent with. Those of shared subscriptions count where no other filter matches.
grant granted_again(proxy_state& state, std::uint32_t client, const inflight_slot& slot,
                    const record::record_header& record) {
  const auto& session = state.sessions[client];
  const grant granted{static_cast<mqtt::qos>(slot.qos), slot.retain != 0, {}};
  if (!session.more->resend_identified) return granted;
  state.identifiers.clear();
  std::vector<std::uint32_t> of_shared;
  bool own = false;
  for (const auto& held : session.subscriptions.all()) {
    const auto& filter = state.filters[held.filter];
    const auto& subscriber = filter.subscribers.all()[held.place];
    if (subscriber.pending || (subscriber.no_local && session.id_hash == record.publisher_hash)) continue;
    const auto shared = filter.shared ? mqtt::split_shared_filter(filter.text.view()) : std::nullopt;
    if (!mqtt::matches(shared ? shared->filter : filter.text.view(), record.topic())) continue;
    own |= !shared;
    if (subscriber.identifier != 0) (shared ? of_shared : state.identifiers).push_back(subscriber.identifier);
  }
  if (!own) state.identifiers = of_shared;
  return {granted.qos, granted.retain, state.identifiers};
}

}  // namespace

void request_resends(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  if (!session.more || session.more->unsent == 0 || !session.more->resends.empty()) return;
  const auto outstanding = outstanding_of(session);
  if (outstanding >= session.window || output_full(state, client)) return;
  session.more->resend_identified = has_identifiers(state, session);
  const auto most = std::min<std::size_t>(session.window - outstanding, most_at_once(session));
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
    const auto grant = granted_again(state, message.client.index, slot, *entry.record);
    if (!fits(state, message.client.index, grant, delivery)) continue;
    slot.unsent = 0;
    --session->more->unsent;
    send_again(state, message.client.index, grant, *found, delivery);
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
