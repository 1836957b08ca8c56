#include "proxy/gateway/storing.hpp"

#include <algorithm>
#include <utility>

#include "base/hash.hpp"
#include "mqtt/acknowledgement.hpp"
#include "mqtt/framing.hpp"
#include "proxy/gateway/catching_up.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/gauges.hpp"
#include "proxy/gateway/groups.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/publishing.hpp"
#include "proxy/gateway/rights.hpp"
#include "proxy/gateway/subscribing.hpp"
#include "proxy/session/received.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::delivery_stage;
using session::inflight_state;
using stored_state = session_store::stored_inflight::state;

stored_state stored(const session::inflight_slot& slot, leaving leaving) {
  // Somebody else of its group gets it.
  const bool returned = slot.group != session::inflight_slot::no_group && (slot.qos == 1 || leaving == leaving::yes);
  if (slot.state == inflight_state::done || returned) return stored_state::done;
  return slot.state == inflight_state::received ? stored_state::received : stored_state::sent;
}

session_store::stored_subscription subscription_of(proxy_state& state, const session::session& session,
                                                   session::held_filter held) {
  auto& filter = state.filters[held.filter];
  const auto& subscriber = filter.subscribers.all()[held.place];
  session_store::stored_subscription stored;
  stored.filter = filter.text.view();
  stored.identifier = subscriber.identifier;
  stored.maximum_qos = static_cast<std::uint8_t>(subscriber.maximum_qos);
  stored.no_local = subscriber.no_local;
  stored.retain_as_published = subscriber.retain_as_published;
  if (!session.more) return stored;
  for (const auto& start : session.more->starts) {
    if (start.filter == held.filter) stored.starts.push_back({state.place.logs.of(start.shard), start.start});
  }
  return stored;
}

void restore_subscription(proxy_state& state, std::uint32_t client, const session_store::stored_subscription& stored) {
  auto& session = state.sessions[client];
  bool is_new = false;
  // What the client may read may have changed while it was away.
  const bool checked = reach_of(state, session, stored.filter) != reach::all;
  const auto filter = begin_subscription(state, client, stored.filter, checked, &is_new);
  auto& subscriber = state.filters[filter].subscribers.all()[session.subscriptions.find(filter)->place];
  subscriber.set(
      {stored.identifier, static_cast<mqtt::qos>(stored.maximum_qos), stored.no_local, stored.retain_as_published});
  for (const auto& start : stored.starts) {
    const auto shard = state.place.logs.shard_of(start.log);
    if (!shard || session.position_in(*shard) == nullptr) continue;
    session.with_details().starts.push_back({filter, *shard, start.start});
  }
  register_filter(state, filter, session.expiry_s, {pending_route::restored, filter, state.ref_of(client)});
  subscriber.pending = false;
  if (state.filters[filter].shared) members_changed(state, filter);
}

void restore_received(session::session& session, const session_store::session_record& stored) {
  auto& details = session.with_details();
  details.nonce = stored.nonce;
  details.next_number = stored.next_number;
  for (const auto& came : stored.received) {
    session::received_message message;
    message.number = came.number;
    message.packet_id = came.packet_id;
    message.state = session::received_message::progress::unknown;
    message.came_before = true;
    session::insert_received(details, message);
  }
}

session::awaiting_save& unsaved_of(proxy_state& state, std::uint32_t client) {
  auto& unsaved = state.sessions[client].with_details().unsaved;
  if (unsaved.empty()) state.unsaved.push_back(state.ref_of(client));
  return unsaved;
}

// Where a delivery waits that needs no save of its own: behind those that do.
session::awaiting_save& behind_saves(proxy_state& state, std::uint32_t client) {
  auto& more = *state.sessions[client].more;
  if (!more.unsaved.empty() || more.newest_save == session::details::no_save) return unsaved_of(state, client);
  return state.answers[more.newest_save].rest;
}

void publish_numbered(proxy_state& state, std::uint32_t client, const session::numbered_publish& publish) {
  const auto& session = state.sessions[client];
  record::message message;
  message.topic = publish.topic;
  message.topic_hash = publish.topic_hash;
  message.publisher_hash = session.id_hash;
  message.flags = publish.flags;
  message.expiry_s = publish.expiry_s;
  message.properties = base::as_bytes(publish.properties);
  message.payload = base::as_bytes(publish.payload);
  message.exchange = {publish.nonce, publish.number};
  append(state, message,
         {state.ref_of(client), publish.packet_id, mqtt::qos::exactly_once, pending_publish::waits::publisher});
  session.more->numbered_bytes -= publish.bytes();
}

void restore_inflight(proxy_state& state, std::uint32_t client, const session_store::session_record& stored) {
  auto& session = state.sessions[client];
  session.inflight.restart(state.inflight_pool, stored.first_packet_id);
  std::uint16_t left_before_leap = stored.places_before_leap;
  for (const auto& message : stored.inflight) {
    session::inflight_slot slot;
    const auto shard = state.place.logs.shard_of(message.log);
    slot.offset = message.offset;
    slot.shard = shard.value_or(0);
    slot.state = static_cast<inflight_state>(message.progress);
    slot.qos = message.qos & 3U;
    // Its log is gone, so it cannot be sent again. QoS 2 goes on with PUBREL, so that the id comes free at both ends.
    if (!shard && slot.state == inflight_state::sent) {
      ++state.counters.lost_inflight;
      slot.state = slot.qos == 2 ? inflight_state::received : inflight_state::done;
    }
    slot.retain = message.retain;
    slot.unsent = slot.state == inflight_state::sent;
    const auto packet_id = session.inflight.push(state.inflight_pool, slot);
    if (left_before_leap > 0 && --left_before_leap == 0) session.inflight.leap_ahead();
    if (slot.unsent) ++session.with_details().unsent;
    if (slot.state == inflight_state::received)
      send_acknowledgement(state, client, mqtt::packet_type::pubrel, packet_id);
  }
  session.inflight.drop_done(state.inflight_pool);
}

// The client may not be shown it any more, and has not been: its group has it again, if one gave it.
void withdraw_delivery(proxy_state& state, std::uint32_t client, std::uint16_t packet_id) {
  auto& session = state.sessions[client];
  auto* slot = session.inflight.find(packet_id);
  if (slot == nullptr) return;
  ++state.counters.deliveries_refused;
  const auto group = std::exchange(slot->group, session::inflight_slot::no_group);
  if (group != session::inflight_slot::no_group) {
    if (slot->qos == 1) --session.more->group_undone;
    send_back(state, group, slot->shard, slot->offset, link::group_refusal::none);
  }
  session.inflight.finish(state.inflight_pool, packet_id);
}

// The packets without those deliveries that new rules forbid.
std::string allowed_of(proxy_state& state, std::uint32_t client, const std::string& packets) {
  std::string allowed;
  auto left = base::as_bytes(packets);
  while (!left.empty()) {
    const auto found = mqtt::next_frame(left, ~std::uint32_t{0});
    HEADGATE_ASSERT(found.what == mqtt::frame_outcome::kind::complete);
    const auto publish =
        found.packet.type != mqtt::packet_type::publish
            ? std::nullopt
            : std::optional(*mqtt::decode_publish(found.packet, state.sessions[client].version, mqtt::sender::server));
    if (publish && !ask_right(state, client, publish->topic, base::hash_of(publish->topic), right::read)) {
      withdraw_delivery(state, client, publish->packet_id);
    } else {
      allowed.append(reinterpret_cast<const char*>(left.data()), found.size);
    }
    left = left.subspan(found.size);
  }
  return allowed;
}

// Sends what had to wait until the session was stored.
void send_stored(proxy_state& state, std::uint32_t client, const session::awaiting_save& saved) {
  if (saved.packets.empty()) return;
  const bool rules_are_new = saved.delivery_bytes > 0 && saved.rights_version != state.rights_version;
  if (!rules_are_new) return send_bytes(state, client, saved.packets, saved.packet_count);
  send_bytes(state, client, allowed_of(state, client, saved.packets), saved.packet_count);
}

// The messages whose PUBLISH goes out now.
void pass(proxy_state& state, std::uint32_t client, const session::awaiting_save& saved) {
  auto& session = state.sessions[client];
  for (const auto packet_id : saved.passed) {
    if (auto* slot = session.inflight.find(packet_id)) group_done(state, client, *slot);
  }
}

}  // namespace

std::uint64_t next_of(const proxy_state& state, const session::position& position) {
  if (position.next < position.seen) return position.next;
  if (position.stage == delivery_stage::behind) return position.seen;
  return std::max(position.seen, state.shards[position.shard]->streamed_to);
}

session_store::session_record record_of(proxy_state& state, std::uint32_t client, leaving leaving) {
  auto& session = state.sessions[client];
  session_store::session_record record;
  record.first_packet_id = session.inflight.first_packet_id();
  session.inflight.for_each([&](const session::inflight_slot& slot, std::uint16_t) {
    record.inflight.push_back(
        {state.place.logs.of(slot.shard), slot.offset, stored(slot, leaving), slot.qos, slot.retain != 0});
  });
  record.places_before_leap = session.inflight.before_leap().value_or(0);
  if (session.more && !session.more->received.empty()) {
    for (const auto& came : session.more->received) record.received.push_back({came.packet_id, came.number});
    record.nonce = session.more->nonce;
    record.next_number = session.more->next_number;
  }
  for (const auto& held : session.subscriptions.all()) {
    // What is not granted yet is not part of the session.
    if (state.filters[held.filter].subscribers.all()[held.place].pending) continue;
    record.subscriptions.push_back(subscription_of(state, session, held));
  }
  for (const auto& position : session.positions.all()) {
    record.positions.push_back({state.place.logs.of(position.shard), next_of(state, position)});
  }
  return record;
}

void forget(proxy_state& state, const session::released_message& finished) {
  for (auto& link : state.shards) {
    if (finished.shard != session::received_message::any_shard && link->id.value != finished.shard) continue;
    link->forgotten.push_back({finished.nonce, finished.number});
  }
}

std::vector<session::released_message> exchanges_of(const session::session& session) {
  std::vector<session::released_message> all;
  if (!session.more) return all;
  for (const auto& message : session.more->received) {
    if (message.number > 0) all.push_back({session.more->nonce, message.number, message.shard});
  }
  return all;
}

void hand_over_forgotten(proxy_state& state, shard_link& shard) {
  for (const auto& exchange : shard.forgotten) {
    shard.outgoing.messages.emplace_back(link::forget{state.place.worker, exchange});
  }
  shard.forgotten.clear();
}

void answer_when_stored(proxy_state& state, std::uint32_t client, std::string packet) {
  auto& session = state.sessions[client];
  // [MQTT-3.1.2-24]: what the client is owed, and does not take, ends its connection.
  if (packet.size() > session.maximum_packet_size) {
    return close_with_reason(state, client, mqtt::reason_code::packet_too_large,
                             "the answer to its packet is larger than its Maximum Packet Size", ended_by::error);
  }
  if (session.expiry_s == 0) return send_bytes(state, client, packet);
  auto& unsaved = unsaved_of(state, client);
  unsaved.packets += packet;
  ++unsaved.packet_count;
}

void acknowledge_when_stored(proxy_state& state, std::uint32_t client, mqtt::packet_type type, std::uint16_t packet_id,
                             mqtt::reason_code reason) {
  std::string bytes(mqtt::max_acknowledgement_size, '\0');
  auto* begin = reinterpret_cast<std::uint8_t*>(bytes.data());
  const mqtt::acknowledgement answer{type, packet_id, reason, {}};
  bytes.resize(static_cast<std::size_t>(encode(answer, state.sessions[client].version, begin) - begin));
  answer_when_stored(state, client, std::move(bytes));
}

void deliver_when_stored(proxy_state& state, std::uint32_t client, const mqtt::publish_head& head,
                         base::bytes payload) {
  ++state.counters.encodings;
  const bool needs_save = is_stored_first(state.sessions[client], head.qos);
  auto& unsaved = needs_save ? unsaved_of(state, client) : behind_saves(state, client);
  if (unsaved.delivery_bytes == 0) unsaved.rights_version = state.rights_version;
  const auto before = unsaved.packets.size();
  unsaved.packets.resize(before + encoded_size(head));
  encode(head, reinterpret_cast<std::uint8_t*>(unsaved.packets.data()) + before);
  unsaved.packets.append(reinterpret_cast<const char*>(payload.data()), payload.size());
  const auto added = unsaved.packets.size() - before;
  unsaved.delivery_bytes += added;
  state.sessions[client].more->delivery_bytes += added;
  if (!needs_save) return;
  const auto* slot = state.sessions[client].inflight.find(head.packet_id);
  if (slot->group != session::inflight_slot::no_group) unsaved.passed.push_back(head.packet_id);
}

void publish_when_stored(proxy_state& state, std::uint32_t client, session::numbered_publish&& publish) {
  unsaved_of(state, client).publishes.push_back(std::move(publish));
}

void forget_when_stored(proxy_state& state, std::uint32_t client, const session::released_message& released) {
  if (state.sessions[client].expiry_s == 0) return forget(state, released);  // nobody takes the session up again
  unsaved_of(state, client).released.push_back(released);
}

void save_session(proxy_state& state, base::client_ref client, pending_answer&& answer) {
  auto& session = state.sessions[client.index];
  session.progressed = false;
  const auto request = state.answers.acquire();
  if (!answer.rest.empty()) session.with_details().newest_save = request;
  state.answers[request] = std::move(answer);
  state.answers[request].client = client;
  state.ports.store.submit(session_store::save{request, std::string(session.id.view()), token_of(session),
                                               encode(record_of(state, client.index, leaving::no))});
}

void save_sessions(proxy_state& state) {
  // Some stores answer at once, and then there may be more for the next turn.
  const auto unsaved = std::exchange(state.unsaved, {});
  for (const auto& client : unsaved) {
    auto* session = state.connected(client);
    if (session == nullptr) continue;
    pending_answer answer;
    answer.rest = std::exchange(session->more->unsaved, {});
    save_session(state, client, std::move(answer));
  }
}

void on_saved(proxy_state& state, const session_store::saved& message) {
  const auto answer = std::exchange(state.answers[message.request], {});
  state.answers.release(message.request);
  if (answer.is_checkpoint) --state.checkpoints_open;
  if (!answer.client) return;
  const auto& rest = answer.rest;
  if (message.admitted) {
    for (const auto& released : rest.released) forget(state, released);
  }
  auto* session = state.connected(*answer.client);
  if (session == nullptr) return;
  const auto client = answer.client->index;
  if (!message.admitted) return lose_session(state, client);
  if (answer.is_checkpoint) session->checkpointed = false;
  for (const auto& publish : rest.publishes) publish_numbered(state, client, publish);
  if (rest.empty()) return;
  auto& more = *session->more;
  if (more.newest_save == message.request) more.newest_save = session::details::no_save;
  more.delivery_bytes -= rest.delivery_bytes;
  if (state.arena.wants_flush()) flush_all(state);
  send_stored(state, client, rest);
  pass(state, client, rest);
  if (more.empty()) session->more.reset();
  if (rest.delivery_bytes > 0) use_room(state, client);
}

void restore(proxy_state& state, std::uint32_t client, const session_store::session_record& stored, bool given_back) {
  auto& session = state.sessions[client];
  for (const auto& position : stored.positions) {
    const auto shard = state.place.logs.shard_of(position.log);
    if (!shard) continue;  // its log is gone
    session.positions.add({position.next, position.next, *shard, delivery_stage::behind});
  }
  if (!stored.received.empty()) restore_received(session, stored);
  for (const auto& subscription : stored.subscriptions) restore_subscription(state, client, subscription);
  if (session.more) std::sort(session.more->starts.begin(), session.more->starts.end(), session::before);
  restore_inflight(state, client, stored);
  if (!given_back && !session.inflight.before_leap()) session.inflight.leap_ahead();
  count_behind(state, session);
  use_room(state, client);
}

}  // namespace headgate::proxy::gateway
