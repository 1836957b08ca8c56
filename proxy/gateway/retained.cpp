#include "proxy/gateway/retained.hpp"

#include <algorithm>

#include "proxy/gateway/catching_up.hpp"
#include "proxy/gateway/deliver.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/gauges.hpp"
#include "proxy/gateway/latencies.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/rights.hpp"
#include "proxy/gateway/subscribing.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::delivery_stage;

// How many messages the client can take in this step.
std::uint32_t room_of(proxy_state& state, std::uint32_t client, const retained_scan& scan) {
  if (output_full(state, client)) return 0;
  if (!scan.holds_log) return base::retained_per_step;
  const auto& session = state.sessions[client];
  const auto places = session.window > session.inflight.count() ? session.window - session.inflight.count() : 0;
  return std::min<std::uint32_t>(static_cast<std::uint32_t>(places), base::retained_per_step);
}

void ask(proxy_state& state, std::uint32_t number) {
  auto& scan = state.scans[number];
  const auto places = scan.asked ? 0 : room_of(state, scan.client.index, scan);
  if (places == 0) return;
  scan.asked = true;
  scan.cut = false;
  auto& shard = *state.shards[scan.shard];
  seal_batch(state, shard);
  shard.outgoing.messages.emplace_back(link::retained_request{state.place.worker, number, scan.text, scan.cursor,
                                                              record::offset{scan.below}, places,
                                                              base::retained_bytes_per_step});
}

// The scan gives out nothing more and holds nothing up. One that is asked for ends with its answer, which may still
// point to its texts.
void cancel(proxy_state& state, session::session& session, std::uint32_t number) {
  auto& scan = state.scans[number];
  if (scan.holds_log) {
    if (auto* position = session.position_in(scan.shard)) --position->scans;
  }
  scan.holds_log = false;
  scan.filter = filter_table::none;
  if (scan.asked) return;
  scan = {};
  state.scans.release(number);
}

void begin_scan(proxy_state& state, std::uint32_t client, const pending_filter& filter, const shard_link& shard) {
  const auto number = state.scans.acquire();
  auto& scan = state.scans[number];
  scan = {};
  scan.client = state.ref_of(client);
  scan.filter = filter.filter;
  scan.shard = shard.id.value;
  scan.options = filter.options;
  scan.below = shard.streamed_to;
  scan.text = state.filters[filter.filter].text.view();
  auto& session = state.sessions[client];
  auto* position = session.position_in(scan.shard);
  if (filter.options.maximum_qos != mqtt::qos::at_most_once && position != nullptr) {
    scan.holds_log = true;
    ++position->scans;
    skip_streamed(session, *position, shard);
    position->stage = delivery_stage::behind;
    count_behind(state, session);
  }
  session.with_details().scans.push_back(number);
  ask(state, number);
}

// The log that waited for the scan goes on.
void end_scan(proxy_state& state, std::uint32_t number) {
  auto& scan = state.scans[number];
  scan.asked = false;
  const auto client = scan.client;
  auto* session = state.connected(client);
  if (session == nullptr || scan.filter == filter_table::none) {
    scan = {};
    return state.scans.release(number);
  }
  std::erase(session->more->scans, number);
  cancel(state, *session, number);
  if (session->more->empty()) session->more.reset();
  request_read(state, client.index);
}

// False when the client has no room for it.
bool give(proxy_state& state, const retained_scan& scan, const link::stream_entry& entry, std::uint64_t timestamp_ms) {
  const auto client = scan.client.index;
  auto& session = state.sessions[client];
  // [MQTT-3.8.3-3]
  if (scan.options.no_local && entry.record->publisher_hash == session.id_hash) return true;
  const auto* held = session.subscriptions.find(scan.filter);
  const bool checked = held == nullptr || is_checked(state, state.filters[scan.filter].subscribers.all()[held->place]);
  if (checked && !may_show(state, client, *entry.record)) return true;
  auto delivery = delivery_of(state, entry, base::shard_id{scan.shard}, timestamp_ms);
  grant grant{mqtt::lower(scan.options.maximum_qos, static_cast<mqtt::qos>(entry.record->qos())), true, {}};
  if (scan.options.identifier != 0) grant.identifiers = {&scan.options.identifier, 1};
  const auto before = deliveries_of(state.counters);
  if (grant.qos == mqtt::qos::at_most_once) {
    if (output_full(state, client)) return false;
    deliver_qos0(state, client, grant, delivery);
  } else if (!send_above_qos0(state, client, grant, delivery)) {
    return false;
  }
  state.counters.deliveries_retained += deliveries_of(state.counters) - before;
  return true;
}

}  // namespace

void begin_scans(proxy_state& state, std::uint32_t client, const pending_filter& filter) {
  const auto& entry = state.filters[filter.filter];
  // No retained messages for shared subscriptions (MQTT 5.0, 4.8.2).
  if (entry.shared || state.sessions[client].subscriptions.find(filter.filter) == nullptr) return;
  if (!filter.is_new) cancel_scans(state, client, filter.filter);
  if (filter.nothing_retained) return;
  for_each_shard_of(state, entry.text.view(),
                    [&](const shard_link& shard) { begin_scan(state, client, filter, shard); });
}

void renew_scans(proxy_state& state, std::uint32_t client, std::uint32_t filter) {
  const auto& session = state.sessions[client];
  const auto* held = session.subscriptions.find(filter);
  if (!session.more || held == nullptr) return;
  // SUBSCRIBEs to several shards may be answered in another order: the one in force is the session's.
  const auto& subscriber = state.filters[filter].subscribers.all()[held->place];
  for (const auto number : session.more->scans) {
    auto& scan = state.scans[number];
    if (scan.filter != filter) continue;
    // Above QoS 0 only with a log that has waited from the scan's beginning.
    const auto qos = mqtt::lower(scan.options.maximum_qos, subscriber.maximum_qos);
    scan.options = {subscriber.identifier, qos, subscriber.no_local, subscriber.retain_as_published};
  }
}

void request_scans(proxy_state& state, std::uint32_t client) {
  const auto& session = state.sessions[client];
  if (!session.more || session.more->scans.empty()) return;
  for (const auto number : session.more->scans) ask(state, number);
}

void cancel_scans(proxy_state& state, std::uint32_t client, std::uint32_t filter) {
  auto& session = state.sessions[client];
  if (!session.more) return;
  std::erase_if(session.more->scans, [&](std::uint32_t number) {
    if (state.scans[number].filter != filter) return false;
    cancel(state, session, number);
    return true;
  });
  request_read(state, client);  // a log that waited for them goes on
}

void end_scans(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  if (!session.more) return;
  for (const auto number : session.more->scans) cancel(state, session, number);
  session.more->scans.clear();
}

void on_retained_message(proxy_state& state, const link::retained_message& message, const link::stream_entry& entry) {
  auto& scan = state.scans[message.request];
  if (state.connected(scan.client) == nullptr || scan.cut || scan.filter == filter_table::none) return;
  if (!give(state, scan, entry, message.timestamp_ms)) {
    scan.cut = true;
    return;
  }
  scan.cursor = entry.record->topic();
  if (state.arena.wants_flush()) flush_all(state);
}

void on_retained_end(proxy_state& state, const link::retained_end& message) {
  auto& scan = state.scans[message.request];
  const bool wanted = state.connected(scan.client) != nullptr && scan.filter != filter_table::none;
  if (!wanted || (message.done && !scan.cut)) return end_scan(state, message.request);
  scan.asked = false;
  if (!scan.cut) scan.cursor = message.cursor;
  ask(state, message.request);
}

}  // namespace headgate::proxy::gateway
