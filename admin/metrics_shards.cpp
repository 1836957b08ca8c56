#include <algorithm>
#include <string>

#include "admin/metric_builder.hpp"
#include "admin/metrics.hpp"

namespace headgate::admin {

namespace {

struct shard_family {
  const char* name;
  const char* help;
  std::uint64_t (*value)(const broker::shard::shard_view&);
};

using view = broker::shard::shard_view;

constexpr shard_family gauges[] = {
    {"headgate_log_start_offset", "The first offset that the log of a shard holds.",
     [](const view& shard) { return shard.log_start; }},
    {"headgate_log_end_offset", "The offset that the next record of a shard gets.",
     [](const view& shard) { return shard.log_end; }},
    {"headgate_log_size_bytes", "What the log of a shard holds.", [](const view& shard) { return shard.log_bytes; }},
    {"headgate_log_undelivered_records", "Records in the log of a shard that are not committed yet.",
     [](const view& shard) { return shard.log_end - std::min(shard.delivered, shard.log_end); }},
    {"headgate_log_undelivered_bytes", "What waits for the log of a shard to commit.",
     [](const view& shard) { return shard.undelivered_bytes; }},
    {"headgate_log_segments", "Files of messages that the log of a shard on disk has.",
     [](const view& shard) { return shard.log_segments; }},
    {"headgate_log_full", "1 while the log of a shard refuses messages as the disk is full; else 0.",
     [](const view& shard) { return shard.log_full; }},
    {"headgate_log_failed",
     "1 when the log of a shard refuses messages until a restart as the disk has failed; else 0.",
     [](const view& shard) { return shard.log_failed; }},
    {"headgate_topics",
     "Topics that a shard has an entry for: those with a subscription to themselves, or looked up "
     "not long ago.",
     [](const view& shard) { return shard.topics; }},
    {"headgate_retained_messages", "Retained messages of a shard.",
     [](const view& shard) { return shard.retained_messages; }},
    {"headgate_retained_size_bytes", "What the retained messages of a shard take.",
     [](const view& shard) { return shard.retained_bytes; }},
    {"headgate_groups", "Shared subscriptions at a shard.", [](const view& shard) { return shard.groups; }},
    {"headgate_groups_behind", "Of these, those that read the log.",
     [](const view& shard) { return shard.groups_behind; }},
};

constexpr shard_family counters[] = {
    {"headgate_shard_records_total", "Records that a shard took, of all QoS.",
     [](const view& shard) { return shard.records; }},
    {"headgate_shard_batch_bytes_total", "Bytes of batches that a shard took, for its log or passing.",
     [](const view& shard) { return shard.batch_bytes_in; }},
};

template <std::size_t Count, class MakeFamily>
void add_by_shard(families& out, const measures& measures, const shard_family (&table)[Count], MakeFamily make) {
  for (const auto& family : table) {
    auto built = make(out, family.name, family.help);
    for (const auto& worker : measures.workers) {
      for (const auto& [shard, view] : worker.shards) {
        const auto& clusters = measures.facts.clusters;
        const auto cluster = shard.value < clusters.size() ? std::string_view(clusters[shard.value]) : "";
        built.add(family.value(view), {{"shard", std::to_string(shard.value)}, {"cluster", cluster}});
      }
    }
  }
}

// What says more about the work done than about one shard.
void add_work(families& out, const broker::shard::shard_view& sum) {
  counter(out, "headgate_shard_batches_total", "Batches that shards took.").add(sum.batches);
  counter(out, "headgate_shard_topic_lookups_total", "Topics that shards looked up.").add(sum.topic_lookups);
  counter(out, "headgate_shard_wildcard_matches_total", "Results of wildcard filters that shards made anew.")
      .add(sum.wildcard_matches);
  counter(out, "headgate_shard_references_total", "References to records that shards gave to workers.")
      .add(sum.entries_out);
  counter(out, "headgate_log_reads_total", "Reads of a log, for sessions that are behind.").add(sum.reads);
  counter(out, "headgate_log_read_records_total", "Records looked at for these reads.").add(sum.read_records);
  counter(out, "headgate_log_read_by_topic_total", "Batches or single records that reads found by their topics.")
      .add(sum.read_by_topic);
  counter(out, "headgate_log_read_scans_total",
          "Stretches of a log that reads of topics had to look through, since many or unsure records are theirs.")
      .add(sum.read_scans);
  counter(out, "headgate_log_fetches_total", "Fetches of single records, to send them again.").add(sum.fetches);
  counter(out, "headgate_retained_refused_total", "Retained messages that were delivered but found no room to be kept.")
      .add(sum.retained_refused);
  counter(out, "headgate_retained_expired_total", "Retained messages that expired.").add(sum.retained_expired);
  counter(out, "headgate_group_messages_total", "Messages given to a member of a shared subscription.")
      .add(sum.group_messages);
  counter(out, "headgate_group_returned_total", "Of these, those that came back.").add(sum.group_returned);
  counter(out, "headgate_group_ignored_total", "Words of members about messages that they did not hold.")
      .add(sum.group_ignored);
  counter(out, "headgate_group_refused_total",
          "Messages of shared subscriptions that no member may be shown, or that were overrun at all that may.")
      .add(sum.group_refused);
  counter(out, "headgate_group_parked_total",
          "Messages of shared subscriptions that no member may be shown now, kept for one that may come back.")
      .add(sum.group_parked);
  counter(out, "headgate_group_read_records_total", "Records scanned for shared subscriptions that are behind.")
      .add(sum.group_read_records);
  counter(out, "headgate_groups_logged_total",
          "Records in the log that say how far some shared subscriptions are: once a second and shard at most.")
      .add(sum.groups_logged);
}

}  // namespace

void add_shard_metrics(families& out, const measures& measures, const totals& totals) {
  add_by_shard(out, measures, gauges, gauge);
  add_by_shard(out, measures, counters, counter);
  add_work(out, totals.shard);
  counter(out, "headgate_group_returns_total", "Messages of shared subscriptions that gateways gave back.")
      .add(totals.gateway.group_returns);
  counter(out, "headgate_group_redelivered_total",
          "Messages of shared subscriptions given to another member, since one did not acknowledge in time.")
      .add(totals.gateway.group_redelivered);
  counter(out, "headgate_group_held_total",
          "Messages of shared subscriptions kept back until a member that may be shown them has room.")
      .add(totals.gateway.group_held);
  counter(out, "headgate_group_overrun_total",
          "Messages of shared subscriptions refused since who may be shown them has too many kept back.")
      .add(totals.gateway.group_overrun);
}

}  // namespace headgate::admin
