#include "proxy/gateway/wills.hpp"

#include <optional>
#include <string>
#include <utility>

#include "base/hash.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/publishing.hpp"
#include "proxy/gateway/storing.hpp"
#include "proxy/gateway/subscribing.hpp"
#include "session-store/session_record.hpp"

namespace headgate::proxy::gateway {

namespace {

// Nothing is left to do for it but to have it forgotten.
void finish(proxy_state& state, std::uint32_t number) {
  const auto& will = state.wills[number];
  if (will.number == 0) return on_will_forgotten(state, {number});
  state.ports.store.submit(session_store::forget_will{number, will.client_id, will.number});
}

std::optional<session_store::stored_will> decoded(proxy_state& state, std::string_view encoded) {
  auto stored = session_store::decode_stored_will(base::as_bytes(encoded));
  if (stored) return std::move(*stored);
  ++state.counters.stored_unreadable;
  const auto text = "a stored will cannot be read: " + std::string(session_store::explain(stored.error()));
  state.ports.log.write(
      {.severity = base::severity::error, .event = "stored_will_unreadable", .text = text, .fields = {}});
  return std::nullopt;
}

session::will will_of(const session_store::stored_will& stored) {
  session::will will;
  will.topic = stored.topic;
  will.payload = stored.payload;
  will.properties = stored.properties;
  will.expiry_s = stored.expiry_s;
  will.qos = static_cast<mqtt::qos>(stored.qos);
  will.retain = stored.retain;
  will.nonce = stored.nonce;
  return will;
}

enum class turn : bool { has_come, behind_refused };

// One for which older ones wait at its shard waits behind them: null then, too.
shard_link* publish(proxy_state& state, std::uint32_t number, turn turn) {
  const auto stored = decoded(state, state.wills[number].encoded);
  if (!stored) {
    finish(state, number);
    return nullptr;
  }
  const auto will = will_of(*stored);
  if (turn == turn::behind_refused && is_logged(will)) {
    auto& refused = state.shards[shard_of_topic(state, will.topic, base::hash_of(will.topic)).value]->refused_wills;
    if (!refused.empty()) {
      refused.emplace(state.wills[number].age, number);
      return nullptr;
    }
  }
  const pending_publish waiting{{number, 0}, 0, will.qos, pending_publish::waits::stored_will};
  auto* shard = publish_will(state, will, {stored->client_id, stored->user_name}, waiting);
  if (shard == nullptr || !is_logged(will)) {
    finish(state, number);
  } else if (will.nonce != 0) {
    const auto exchange = exchange_of_will(will.nonce);
    state.wills[number].exchange = session::released_message{exchange.nonce, exchange.number, shard->id.value};
  }
  return shard;
}

shard_link* publish_new(proxy_state& state, pending_will&& will) {
  const auto number = state.wills.acquire();
  will.age = state.next_will++;
  state.will_bytes += will.encoded.size();
  state.wills[number] = std::move(will);
  return publish(state, number, turn::behind_refused);
}

// Until so many are on their way.
void try_oldest(proxy_state& state, shard_link& shard, std::size_t count) {
  while (count > 0 && !shard.refused_wills.empty()) {
    const auto oldest = shard.refused_wills.begin();
    const auto will = oldest->second;
    shard.refused_wills.erase(oldest);
    if (publish(state, will, turn::has_come) != nullptr) --count;
  }
}

// Once, until none waits any more.
void tell_if_full(proxy_state& state, bool is_full) {
  if (state.wills.in_use() == 0) state.is_told_of_wills = false;
  if (!is_full || std::exchange(state.is_told_of_wills, true)) return;
  const auto text =
      std::to_string(state.wills.in_use()) +
      " wills wait for the log, or for the store of sessions to forget them: what else falls due stays in "
      "the store, and clients that bring a will are refused (0x97); make room on the disk of the log";
  state.ports.log.write({.severity = base::severity::error, .event = "wills_wait", .text = text, .fields = {}});
}

}  // namespace

std::string encode_will(const session::will& will, const principal& owner) {
  return encode(session_store::stored_will{std::string(owner.client_id), std::string(owner.user_name), will.topic,
                                           will.payload, will.properties, will.expiry_s,
                                           static_cast<std::uint8_t>(will.qos), will.retain, will.nonce});
}

shard_link* publish_stored_will(proxy_state& state, const session_store::due& due) {
  return publish_new(state, {.client_id = due.client_id, .encoded = due.will, .number = due.number, .exchange = {}});
}

void on_will_appended(proxy_state& state, std::uint32_t will, shard_link& shard) {
  ++state.counters.wills;
  finish(state, will);
  try_oldest(state, shard, 1);
}

void on_will_refused(proxy_state& state, std::uint32_t will, shard_link& shard) {
  shard.refused_wills.emplace(state.wills[will].age, will);
}

void keep_refused_will(proxy_state& state, std::string_view encoded) {
  publish_new(state, {.client_id = {}, .encoded = std::string(encoded), .exchange = {}});
}

bool is_full_of_wills(const proxy_state& state) {
  return state.wills.in_use() >= base::max_waiting_wills || state.will_bytes >= base::max_waiting_will_bytes;
}

void sweep_store(proxy_state& state) {
  const auto second = state.now.monotonic.value / 1000;
  if (second == state.swept_s) return;
  state.swept_s = second;
  const bool is_full = is_full_of_wills(state);
  tell_if_full(state, is_full);
  for (auto& shard : state.shards) try_oldest(state, *shard, base::refused_wills_tried);
  // While there are too many, what else is due stays in the store.
  if (!is_full) state.ports.store.submit(session_store::sweep{0});
}

void on_swept(proxy_state& state, const session_store::swept& message) {
  for (const auto& due : message.all) {
    if (!due.will.empty()) publish_stored_will(state, due);
  }
}

void on_will_forgotten(proxy_state& state, const session_store::will_forgotten& message) {
  const auto will = std::exchange(state.wills[message.request], {});
  state.wills.release(message.request);
  state.will_bytes -= will.encoded.size();
  if (will.exchange) forget(state, *will.exchange);
}

}  // namespace headgate::proxy::gateway
