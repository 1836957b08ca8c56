#include "admin/metric_builder.hpp"
#include "admin/metrics.hpp"

namespace headgate::admin {

namespace {

void add_logs(families& out, const broker::shard::shard_view& sum) {
  counter(out, "headgate_log_writes_total", "Writes of logs on disk: one a turn that had something.")
      .add(sum.log_writes);
  counter(out, "headgate_log_written_bytes_total", "Bytes of these writes.").add(sum.log_bytes_written);
  counter(out, "headgate_log_syncs_total", "Syncs of logs on disk.").add(sum.log_syncs);
  counter(out, "headgate_log_segments_dropped_total", "Segments of logs on disk that retention took.")
      .add(sum.log_segments_dropped);
  counter(out, "headgate_log_batches_refused_total",
          "Batches that a log on disk refused as the disk was full or had failed; their publishers heard so.")
      .add(sum.log_refused_batches);
  counter(out, "headgate_log_parts_read_total", "Parts of segments that were read, of about 64 KB.")
      .add(sum.log_parts_read);
  counter(out, "headgate_log_parts_waited_for_total", "Of these, those that were not in the system's memory.")
      .add(sum.log_parts_waited_for);
  counter(out, "headgate_log_parts_unreadable_total",
          "Parts of segments that are damaged, or that the disk answered with an error for.")
      .add(sum.log_parts_unreadable);
  counter(out, "headgate_log_offsets_unreadable_total",
          "Offsets that readers were led past for that, each time; some may never have been given.")
      .add(sum.log_offsets_unreadable);
  counter(out, "headgate_log_cut_bytes_total", "Bytes of unfinished batches that were cut off at the start.")
      .add(sum.log_bytes_cut);
}

void add_sessions(families& out, const session_store::embedded::store_thread_view& sessions) {
  gauge(out, "headgate_store_away",
        "1 while the sessions on disk cannot be written: new sessions are refused, others go on; else 0.")
      .add(sessions.away);
  gauge(out, "headgate_store_jobs_waiting", "Jobs that wait for sessions on disk that cannot be written.")
      .add(sessions.waiting);
  counter(out, "headgate_store_jobs_total", "Jobs about sessions on disk that were done.").add(sessions.jobs);
  counter(out, "headgate_store_batches_total", "Batches in which they were written.").add(sessions.batches);
  counter(out, "headgate_store_failures_total", "Writes of sessions to the disk that failed.").add(sessions.failures);
  counter(out, "headgate_store_unreadable_total", "Sessions on disk that could not be decoded.")
      .add(sessions.unreadable);
}

// Nothing is lost while they cannot be written: the log has them.
void add_retained(families& out, const broker::shard::shard_view& sum) {
  gauge(out, "headgate_retained_away", "Shards whose retained messages cannot be written to the disk now.")
      .add(sum.retained_away);
  gauge(out, "headgate_retained_waiting_bytes", "Retained messages on their way to the disk.")
      .add(sum.retained_waiting_bytes);
  counter(out, "headgate_retained_unreadable_total", "Retained messages on the disk that could not be read, each time.")
      .add(sum.retained_unreadable);
}

}  // namespace

// All zero where nothing is on disk, so that rules about them can be loaded anywhere.
void add_disk_metrics(families& out, const measures& measures, const totals& totals) {
  add_logs(out, totals.shard);
  add_sessions(out, measures.sessions);
  add_retained(out, totals.shard);
}

}  // namespace headgate::admin
