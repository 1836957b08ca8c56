#pragma once

#include <cstddef>
#include <cstdint>

#include "broker/shard/view.hpp"
#include "proxy/auth/view.hpp"
#include "proxy/gateway/view.hpp"
#include "proxy/listener/view.hpp"
#include "session-store/embedded/view.hpp"
#include "session-store/view.hpp"

namespace headgate::admin {

// Every counter of a view by its name, which is its name in /api/v1/stats as well.
template <class View>
struct field {
  const char* name;
  std::uint64_t View::*member;
};

inline constexpr field<proxy::gateway::gateway_view> gateway_fields[] = {
    {"connections_accepted", &proxy::gateway::gateway_view::connections_accepted},
    {"connects", &proxy::gateway::gateway_view::connects},
    {"sessions_resumed", &proxy::gateway::gateway_view::sessions_resumed},
    {"takeovers", &proxy::gateway::gateway_view::takeovers},
    {"takeovers_forced", &proxy::gateway::gateway_view::takeovers_forced},
    {"clients", &proxy::gateway::gateway_view::clients},
    {"filters", &proxy::gateway::gateway_view::filters},
    {"publishes_in_qos0", &proxy::gateway::gateway_view::publishes_in_qos0},
    {"publishes_in_qos1", &proxy::gateway::gateway_view::publishes_in_qos1},
    {"publishes_in_qos2", &proxy::gateway::gateway_view::publishes_in_qos2},
    {"publishes_repeated", &proxy::gateway::gateway_view::publishes_repeated},
    {"publishes_refused", &proxy::gateway::gateway_view::publishes_refused},
    {"subscribes_refused", &proxy::gateway::gateway_view::subscribes_refused},
    {"deliveries_refused", &proxy::gateway::gateway_view::deliveries_refused},
    {"wills_refused", &proxy::gateway::gateway_view::wills_refused},
    {"deliveries_out_qos0", &proxy::gateway::gateway_view::deliveries_out_qos0},
    {"deliveries_out_qos1", &proxy::gateway::gateway_view::deliveries_out_qos1},
    {"deliveries_out_qos2", &proxy::gateway::gateway_view::deliveries_out_qos2},
    {"deliveries_repeated", &proxy::gateway::gateway_view::deliveries_repeated},
    {"deliveries_retained", &proxy::gateway::gateway_view::deliveries_retained},
    {"acknowledgements_in", &proxy::gateway::gateway_view::acknowledgements_in},
    {"acknowledgements_unknown", &proxy::gateway::gateway_view::acknowledgements_unknown},
    {"encodings", &proxy::gateway::gateway_view::encodings},
    {"dropped_output_full", &proxy::gateway::gateway_view::dropped_output_full},
    {"dropped_too_large", &proxy::gateway::gateway_view::dropped_too_large},
    {"dropped_expired", &proxy::gateway::gateway_view::dropped_expired},
    {"lost_below_log_start", &proxy::gateway::gateway_view::lost_below_log_start},
    {"lost_inflight", &proxy::gateway::gateway_view::lost_inflight},
    {"waiting", &proxy::gateway::gateway_view::waiting},
    {"catching_up", &proxy::gateway::gateway_view::catching_up},
    {"group_returns", &proxy::gateway::gateway_view::group_returns},
    {"group_redelivered", &proxy::gateway::gateway_view::group_redelivered},
    {"group_held", &proxy::gateway::gateway_view::group_held},
    {"group_overrun", &proxy::gateway::gateway_view::group_overrun},
    {"wills", &proxy::gateway::gateway_view::wills},
    {"refused_malformed", &proxy::gateway::gateway_view::refused_malformed},
    {"refused_connects", &proxy::gateway::gateway_view::refused_connects},
    {"refused_passwords", &proxy::gateway::gateway_view::refused_passwords},
    {"refused_unauthorized", &proxy::gateway::gateway_view::refused_unauthorized},
    {"refused_busy", &proxy::gateway::gateway_view::refused_busy},
    {"refused_rate", &proxy::gateway::gateway_view::refused_rate},
    {"keep_alive_timeouts", &proxy::gateway::gateway_view::keep_alive_timeouts},
    {"connect_timeouts", &proxy::gateway::gateway_view::connect_timeouts},
    {"checkpoints", &proxy::gateway::gateway_view::checkpoints},
    {"stored_unreadable", &proxy::gateway::gateway_view::stored_unreadable},
    {"log_lines_left_out", &proxy::gateway::gateway_view::log_lines_left_out},
    {"packets_in", &proxy::gateway::gateway_view::packets_in},
    {"packets_out", &proxy::gateway::gateway_view::packets_out},
    {"publish_bytes_in", &proxy::gateway::gateway_view::publish_bytes_in},
    {"publish_bytes_out", &proxy::gateway::gateway_view::publish_bytes_out},
    {"ended_by_client", &proxy::gateway::gateway_view::ended_by_client},
    {"ended_by_network", &proxy::gateway::gateway_view::ended_by_network},
    {"ended_by_keep_alive", &proxy::gateway::gateway_view::ended_by_keep_alive},
    {"ended_by_takeover", &proxy::gateway::gateway_view::ended_by_takeover},
    {"ended_by_operator", &proxy::gateway::gateway_view::ended_by_operator},
    {"ended_by_error", &proxy::gateway::gateway_view::ended_by_error},
    {"ended_by_shutdown", &proxy::gateway::gateway_view::ended_by_shutdown},
    {"connects_pending", &proxy::gateway::gateway_view::connects_pending},
    {"subscribes_pending", &proxy::gateway::gateway_view::subscribes_pending},
    {"subscriptions", &proxy::gateway::gateway_view::subscriptions},
    {"shared_subscriptions", &proxy::gateway::gateway_view::shared_subscriptions},
    {"sessions_waiting", &proxy::gateway::gateway_view::sessions_waiting},
    {"sessions_behind", &proxy::gateway::gateway_view::sessions_behind},
    {"publishes_unacknowledged", &proxy::gateway::gateway_view::publishes_unacknowledged},
    {"wills_waiting", &proxy::gateway::gateway_view::wills_waiting},
    {"tail_bytes", &proxy::gateway::gateway_view::tail_bytes},
    {"output_pending_bytes", &proxy::gateway::gateway_view::output_pending_bytes},
};

inline constexpr field<proxy::listener::listener_view> socket_fields[] = {
    {"bytes_in", &proxy::listener::listener_view::bytes_in},
    {"bytes_out", &proxy::listener::listener_view::bytes_out},
    {"receives", &proxy::listener::listener_view::receives},
    {"sends", &proxy::listener::listener_view::sends},
    {"sends_partly_taken", &proxy::listener::listener_view::sends_partly_taken},
    {"refused_too_many_clients", &proxy::listener::listener_view::refused_too_many_clients},
    {"accepts_paused", &proxy::listener::listener_view::accepts_paused},
    {"accepts_paused_now", &proxy::listener::listener_view::accepts_paused_now},
    {"handshakes_full", &proxy::listener::listener_view::handshakes_full},
    {"handshakes_resumed", &proxy::listener::listener_view::handshakes_resumed},
    {"handshakes_failed", &proxy::listener::listener_view::handshakes_failed},
    {"handshakes_timed_out", &proxy::listener::listener_view::handshakes_timed_out},
    {"handshakes_gave_way", &proxy::listener::listener_view::handshakes_gave_way},
    {"handshakes_now", &proxy::listener::listener_view::handshakes_now},
    {"tls_clients_now", &proxy::listener::listener_view::tls_clients_now},
};

inline constexpr field<proxy::auth::door_view> door_fields[] = {
    {"accepted", &proxy::auth::door_view::accepted},
    {"refused_unknown", &proxy::auth::door_view::refused_unknown},
    {"refused_anonymous", &proxy::auth::door_view::refused_anonymous},
    {"refused_limited", &proxy::auth::door_view::refused_limited},
    {"refused_pool_full", &proxy::auth::door_view::refused_pool_full},
    {"refused_changed", &proxy::auth::door_view::refused_changed},
    {"answered_from_memory", &proxy::auth::door_view::answered_from_memory},
    {"answered_together", &proxy::auth::door_view::answered_together},
};

inline constexpr field<proxy::auth::hash_pool_view> hash_fields[] = {
    {"computed", &proxy::auth::hash_pool_view::computed},
    {"refused", &proxy::auth::hash_pool_view::refused},
    {"busy_us", &proxy::auth::hash_pool_view::busy_us},
    {"waiting", &proxy::auth::hash_pool_view::waiting},
};

inline constexpr field<session_store::store_view> store_fields[] = {
    {"held", &session_store::store_view::held},
    {"kept", &session_store::store_view::kept},
    {"not_kept", &session_store::store_view::not_kept},
};

inline constexpr field<session_store::embedded::store_thread_view> store_thread_fields[] = {
    {"jobs", &session_store::embedded::store_thread_view::jobs},
    {"batches", &session_store::embedded::store_thread_view::batches},
    {"failures", &session_store::embedded::store_thread_view::failures},
    {"unreadable", &session_store::embedded::store_thread_view::unreadable},
    {"waiting", &session_store::embedded::store_thread_view::waiting},
    {"away", &session_store::embedded::store_thread_view::away},
};

inline constexpr field<broker::shard::shard_view> shard_fields[] = {
    {"batches", &broker::shard::shard_view::batches},
    {"records", &broker::shard::shard_view::records},
    {"topic_lookups", &broker::shard::shard_view::topic_lookups},
    {"wildcard_matches", &broker::shard::shard_view::wildcard_matches},
    {"entries_out", &broker::shard::shard_view::entries_out},
    {"qos0_dropped", &broker::shard::shard_view::qos0_dropped},
    {"records_refused", &broker::shard::shard_view::records_refused},
    {"records_repeated", &broker::shard::shard_view::records_repeated},
    {"exchanges_dropped", &broker::shard::shard_view::exchanges_dropped},
    {"exchanges", &broker::shard::shard_view::exchanges},
    {"reads", &broker::shard::shard_view::reads},
    {"read_records", &broker::shard::shard_view::read_records},
    {"read_by_topic", &broker::shard::shard_view::read_by_topic},
    {"read_scans", &broker::shard::shard_view::read_scans},
    {"fetches", &broker::shard::shard_view::fetches},
    {"questions_waiting", &broker::shard::shard_view::questions_waiting},
    {"topics", &broker::shard::shard_view::topics},
    {"log_start", &broker::shard::shard_view::log_start},
    {"log_end", &broker::shard::shard_view::log_end},
    {"delivered", &broker::shard::shard_view::delivered},
    {"retained_messages", &broker::shard::shard_view::retained_messages},
    {"retained_bytes", &broker::shard::shard_view::retained_bytes},
    {"retained_refused", &broker::shard::shard_view::retained_refused},
    {"retained_expired", &broker::shard::shard_view::retained_expired},
    {"retained_waiting_bytes", &broker::shard::shard_view::retained_waiting_bytes},
    {"retained_unreadable", &broker::shard::shard_view::retained_unreadable},
    {"retained_away", &broker::shard::shard_view::retained_away},
    {"groups", &broker::shard::shard_view::groups},
    {"groups_behind", &broker::shard::shard_view::groups_behind},
    {"group_messages", &broker::shard::shard_view::group_messages},
    {"group_returned", &broker::shard::shard_view::group_returned},
    {"group_ignored", &broker::shard::shard_view::group_ignored},
    {"group_qos0_dropped", &broker::shard::shard_view::group_qos0_dropped},
    {"group_refused", &broker::shard::shard_view::group_refused},
    {"group_parked", &broker::shard::shard_view::group_parked},
    {"group_expired", &broker::shard::shard_view::group_expired},
    {"group_lost_offsets", &broker::shard::shard_view::group_lost_offsets},
    {"group_read_records", &broker::shard::shard_view::group_read_records},
    {"groups_logged", &broker::shard::shard_view::groups_logged},
    {"batch_bytes_in", &broker::shard::shard_view::batch_bytes_in},
    {"log_bytes", &broker::shard::shard_view::log_bytes},
    {"undelivered_bytes", &broker::shard::shard_view::undelivered_bytes},
    {"log_segments", &broker::shard::shard_view::log_segments},
    {"log_writes", &broker::shard::shard_view::log_writes},
    {"log_bytes_written", &broker::shard::shard_view::log_bytes_written},
    {"log_syncs", &broker::shard::shard_view::log_syncs},
    {"log_segments_dropped", &broker::shard::shard_view::log_segments_dropped},
    {"log_refused_batches", &broker::shard::shard_view::log_refused_batches},
    {"log_parts_read", &broker::shard::shard_view::log_parts_read},
    {"log_parts_waited_for", &broker::shard::shard_view::log_parts_waited_for},
    {"log_offsets_unreadable", &broker::shard::shard_view::log_offsets_unreadable},
    {"log_parts_unreadable", &broker::shard::shard_view::log_parts_unreadable},
    {"log_bytes_cut", &broker::shard::shard_view::log_bytes_cut},
    {"log_full", &broker::shard::shard_view::log_full},
    {"log_failed", &broker::shard::shard_view::log_failed},
};

// A counter that is added to a view has to be added here.
template <class View, std::size_t Count>
constexpr bool covers(const field<View> (&)[Count], std::size_t others = 0) {
  return sizeof(View) == Count * sizeof(std::uint64_t) + others;
}
static_assert(covers(gateway_fields, 2 * sizeof(base::latency_histogram)));
static_assert(covers(socket_fields));
static_assert(covers(door_fields));
static_assert(covers(hash_fields));
static_assert(covers(store_fields));
static_assert(covers(store_thread_fields));
static_assert(covers(shard_fields));

}  // namespace headgate::admin
