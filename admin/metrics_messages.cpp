#include "admin/metric_builder.hpp"
#include "admin/metrics.hpp"

namespace headgate::admin {

namespace {

void add_histogram(families& out, const char* name, const char* help, const base::latency_histogram& latencies) {
  auto& family = out.emplace_back();
  family.name = name;
  family.help = help;
  family.type = prometheus::MetricType::Histogram;
  auto& histogram = family.metric.emplace_back().histogram;
  histogram.bucket.reserve(base::latency_bounds);
  std::uint64_t count = 0;
  for (std::size_t bucket = 0; bucket < base::latency_bounds; ++bucket) {
    count += latencies.counts[bucket];
    histogram.bucket.push_back({count, static_cast<double>(base::latency_bound_us(bucket)) / 1e6});
  }
  histogram.sample_count = count + latencies.counts[base::latency_bounds];  // the serialiser adds +Inf
  histogram.sample_sum = static_cast<double>(latencies.sum_us) / 1e6;
}

void add_drops(families& out, const totals& totals) {
  const auto& gateway = totals.gateway;
  const auto& shard = totals.shard;
  counter(
      out, "headgate_messages_dropped_total",
      "Messages that a client did not get: its socket takes no more and QoS 0 may go (output_full), it takes no such "
      "size (too_large), they were too old (expired), the log no longer has what was to be sent again (inflight), "
      "the log did not commit and QoS 0 may go (uncommitted), no member of a shared subscription had room "
      "(group_full) or had it in time (group_expired).")
      .add(gateway.dropped_output_full, {{"reason", "output_full"}})
      .add(gateway.dropped_too_large, {{"reason", "too_large"}})
      .add(gateway.dropped_expired, {{"reason", "expired"}})
      .add(gateway.lost_inflight, {{"reason", "inflight"}})
      .add(shard.qos0_dropped, {{"reason", "uncommitted"}})
      .add(shard.group_qos0_dropped, {{"reason", "group_full"}})
      .add(shard.group_expired, {{"reason", "group_expired"}});
  counter(
      out, "headgate_log_offsets_lost_total",
      "Offsets that the log dropped before a reader that was behind had come to them; of all topics, so possibly not "
      "messages for that reader.")
      .add(gateway.lost_below_log_start, {{"reader", "session"}})
      .add(shard.group_lost_offsets, {{"reader", "group"}});
}

void add_publishes(families& out, const totals& totals) {
  const auto& gateway = totals.gateway;
  const auto& shard = totals.shard;
  counter(out, "headgate_publishes_total", "PUBLISH packets from clients, by QoS.")
      .add(gateway.publishes_in_qos0, {{"qos", "0"}})
      .add(gateway.publishes_in_qos1, {{"qos", "1"}})
      .add(gateway.publishes_in_qos2, {{"qos", "2"}});
  counter(out, "headgate_publishes_repeated_total", "PUBLISH packets of QoS 2 whose packet id was there already.")
      .add(gateway.publishes_repeated);
  gauge(out, "headgate_exchanges",
        "QoS 2 messages whose publishers may send them again (no PUBREL has come), and wills that may.")
      .add(shard.exchanges);
  counter(out, "headgate_exchanges_dropped_total",
          "Of these, those that were forgotten for want of room: sent again, they may come twice.")
      .add(shard.exchanges_dropped);
  counter(out, "headgate_publishes_not_stored_total",
          "Messages that the log did not take, as the disk was full or had failed; their publishers heard so.")
      .add(shard.records_refused);
  counter(out, "headgate_publishes_refused_total", "PUBLISH packets that their client was not allowed.")
      .add(gateway.publishes_refused);
  counter(out, "headgate_wills_refused_total", "Wills that their client was not allowed when they were due.")
      .add(gateway.wills_refused);
  counter(out, "headgate_publish_payload_bytes_total", "Bytes of payloads that clients published.")
      .add(gateway.publish_bytes_in);
  counter(out, "headgate_wills_total", "Wills that were published.").add(gateway.wills);
}

void add_deliveries(families& out, const totals& totals) {
  const auto& gateway = totals.gateway;
  counter(out, "headgate_deliveries_total", "PUBLISH packets to clients, by QoS, without those sent again.")
      .add(gateway.deliveries_out_qos0, {{"qos", "0"}})
      .add(gateway.deliveries_out_qos1, {{"qos", "1"}})
      .add(gateway.deliveries_out_qos2, {{"qos", "2"}});
  counter(out, "headgate_deliveries_repeated_total", "PUBLISH packets sent again to clients that came back.")
      .add(gateway.deliveries_repeated);
  counter(out, "headgate_deliveries_retained_total", "Of these, retained messages sent for a new subscription.")
      .add(gateway.deliveries_retained);
  counter(out, "headgate_subscribes_refused_total", "Filters of a SUBSCRIBE of which their client may read nothing.")
      .add(gateway.subscribes_refused);
  counter(out, "headgate_deliveries_refused_total",
          "Messages that a subscription brought and its client may not read; of a shared one those at QoS 0.")
      .add(gateway.deliveries_refused);
  counter(out, "headgate_delivery_payload_bytes_total", "Bytes of payloads that were sent to clients.")
      .add(gateway.publish_bytes_out);
  counter(out, "headgate_encodings_total", "PUBLISH packets encoded; one that goes to many clients counts once.")
      .add(gateway.encodings);
  counter(out, "headgate_acknowledgements_total", "PUBACK, PUBREC and PUBCOMP from clients.")
      .add(gateway.acknowledgements_in);
  counter(out, "headgate_acknowledgements_unknown_total", "Of these, those of packet ids that were not in use.")
      .add(gateway.acknowledgements_unknown);
}

}  // namespace

void add_message_metrics(families& out, const totals& totals) {
  add_publishes(out, totals);
  add_deliveries(out, totals);
  add_drops(out, totals);
  add_histogram(out, "headgate_publish_acknowledgement_seconds",
                "From the read of a PUBLISH of QoS 1 or 2 to the flush of its PUBACK or PUBREC.",
                totals.gateway.publish_to_acknowledgement);
  add_histogram(out, "headgate_publish_delivery_seconds", "From the read of a PUBLISH to the flush to each subscriber.",
                totals.gateway.publish_to_delivery);
}

}  // namespace headgate::admin
