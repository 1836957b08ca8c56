#include "cli/stats.hpp"

namespace headgate::cli {

namespace {

class json_object {
 public:
  json_object& add(const char* name, std::uint64_t value) {
    text_ += (text_.empty() ? "{\"" : ", \"") + std::string(name) + "\": " + std::to_string(value);
    return *this;
  }
  std::string text() const { return text_ + "}"; }

 private:
  std::string text_;
};

void add_gateway_gauges(json_object& json, const proxy::gateway::gateway_view& view) {
  json.add("connects_pending", view.connects_pending)
      .add("subscribes_pending", view.subscribes_pending)
      .add("subscriptions", view.subscriptions)
      .add("shared_subscriptions", view.shared_subscriptions)
      .add("sessions_waiting", view.sessions_waiting)
      .add("sessions_behind", view.sessions_behind)
      .add("publishes_unacknowledged", view.publishes_unacknowledged)
      .add("tail_bytes", view.tail_bytes)
      .add("output_pending_bytes", view.output_pending_bytes);
}

// How many were timed and how long all took together; the buckets are for those who scrape.
void add_latency(json_object& json, const std::string& name, const base::latency_histogram& histogram) {
  json.add((name + "_timed").c_str(), histogram.total()).add((name + "_sum_us").c_str(), histogram.sum_us);
}

void add_gateway(json_object& json, const proxy::gateway::gateway_view& view) {
  json.add("connections_accepted", view.connections_accepted)
      .add("connects", view.connects)
      .add("takeovers", view.takeovers)
      .add("clients", view.clients)
      .add("filters", view.filters)
      .add("sessions_resumed", view.sessions_resumed)
      .add("takeovers_forced", view.takeovers_forced)
      .add("publishes_in", view.publishes_in_qos0 + view.publishes_in_qos1 + view.publishes_in_qos2)
      .add("publishes_in_qos0", view.publishes_in_qos0)
      .add("publishes_in_qos1", view.publishes_in_qos1)
      .add("publishes_in_qos2", view.publishes_in_qos2)
      .add("publishes_repeated", view.publishes_repeated)
      .add("publishes_refused", view.publishes_refused)
      .add("deliveries_out", view.deliveries_out_qos0 + view.deliveries_out_qos1 + view.deliveries_out_qos2)
      .add("deliveries_out_qos0", view.deliveries_out_qos0)
      .add("deliveries_out_qos1", view.deliveries_out_qos1)
      .add("deliveries_out_qos2", view.deliveries_out_qos2)
      .add("deliveries_repeated", view.deliveries_repeated)
      .add("deliveries_retained", view.deliveries_retained)
      .add("acknowledgements_in", view.acknowledgements_in)
      .add("acknowledgements_unknown", view.acknowledgements_unknown)
      .add("encodings", view.encodings)
      .add("dropped_output_full", view.dropped_output_full)
      .add("dropped_too_large", view.dropped_too_large)
      .add("dropped_expired", view.dropped_expired)
      .add("lost_below_log_start", view.lost_below_log_start)
      .add("lost_inflight", view.lost_inflight)
      .add("waiting", view.waiting)
      .add("catching_up", view.catching_up)
      .add("group_returns", view.group_returns)
      .add("wills", view.wills)
      .add("refused_malformed", view.refused_malformed)
      .add("refused_connects", view.refused_connects)
      .add("keep_alive_timeouts", view.keep_alive_timeouts)
      .add("connect_timeouts", view.connect_timeouts)
      .add("stored_unreadable", view.stored_unreadable)
      .add("packets_in", view.packets_in)
      .add("packets_out", view.packets_out)
      .add("publish_bytes_in", view.publish_bytes_in)
      .add("publish_bytes_out", view.publish_bytes_out)
      .add("ended_by_client", view.ended_by_client)
      .add("ended_by_network", view.ended_by_network)
      .add("ended_by_keep_alive", view.ended_by_keep_alive)
      .add("ended_by_takeover", view.ended_by_takeover)
      .add("ended_by_operator", view.ended_by_operator)
      .add("ended_by_error", view.ended_by_error)
      .add("ended_by_shutdown", view.ended_by_shutdown);
  add_gateway_gauges(json, view);
  add_latency(json, "acknowledgements", view.publish_to_acknowledgement);
  add_latency(json, "deliveries", view.publish_to_delivery);
}

void add_shard(json_object& json, const broker::shard::shard_view& view) {
  json.add("batches", view.batches)
      .add("records", view.records)
      .add("topic_lookups", view.topic_lookups)
      .add("wildcard_matches", view.wildcard_matches)
      .add("stream_entries", view.entries_out)
      .add("reads", view.reads)
      .add("read_records", view.read_records)
      .add("fetches", view.fetches)
      .add("retained_messages", view.retained_messages)
      .add("retained_bytes", view.retained_bytes)
      .add("retained_refused", view.retained_refused)
      .add("groups", view.groups)
      .add("groups_behind", view.groups_behind)
      .add("group_messages", view.group_messages)
      .add("group_qos0_dropped", view.group_qos0_dropped)
      .add("group_lost_offsets", view.group_lost_offsets)
      .add("topics", view.topics)
      .add("log_start", view.log_start)
      .add("log_end", view.log_end)
      .add("qos0_dropped", view.qos0_dropped)
      .add("shard_questions_waiting", view.waiting)
      .add("retained_expired", view.retained_expired)
      .add("group_returned", view.group_returned)
      .add("group_expired", view.group_expired)
      .add("batch_bytes_in", view.bytes_in)
      .add("log_bytes", view.log_bytes)
      .add("undelivered_bytes", view.undelivered_bytes);
}

void add_worker(json_object& json, const worker::worker_view& view) {
  for (std::size_t n = 0; n < worker::phases; ++n) {
    const auto name = std::string(worker::name_of(static_cast<worker::phase>(n))) + "_ns";
    json.add(name.c_str(), view.phase_ns[n]);
  }
  json.add("idle_ns", view.idle_ns)
      .add("parcels_waiting", view.parcels_waiting)
      .add("sessions_held", view.store.held)
      .add("sessions_kept", view.store.kept)
      .add("sessions_not_kept", view.store.not_kept);
}

void add_listener(json_object& json, const proxy::listener::listener_view& view) {
  json.add("bytes_in", view.bytes_in)
      .add("bytes_out", view.bytes_out)
      .add("receives", view.receives)
      .add("sends", view.sends)
      .add("sends_partly_taken", view.sends_partly_taken)
      .add("refused_too_many_clients", view.refused_too_many_clients)
      .add("accepts_paused", view.accepts_paused);
}

}  // namespace

std::string stats_line(const worker::worker_view& worker, const proxy::listener::listener_view& listener) {
  json_object json;
  json.add("turns", worker.turns);
  add_gateway(json, worker.gateway);
  add_shard(json, worker.shard);
  add_listener(json, listener);
  add_worker(json, worker);
  return json.text();
}

}  // namespace headgate::cli
