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
      .add("stored_unreadable", view.stored_unreadable);
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
      .add("log_end", view.log_end);
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
  return json.text();
}

}  // namespace headgate::cli
