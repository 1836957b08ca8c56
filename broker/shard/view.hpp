#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace headgate::broker::shard {

// What a shard counts: plain numbers, copied out by its worker on request.
struct shard_view {
  std::uint64_t batches = 0;
  std::uint64_t records = 0;
  std::uint64_t topic_lookups = 0;
  std::uint64_t wildcard_matches = 0;   // cached results made anew
  std::uint64_t entries_out = 0;        // references given to workers
  std::uint64_t qos0_dropped = 0;       // records, because the log did not commit
  std::uint64_t records_refused = 0;    // by the log: their publishers heard so
  std::uint64_t records_repeated = 0;   // QoS 2 messages and wills that came again, and were in the log
  std::uint64_t exchanges_dropped = 0;  // for want of room
  std::uint64_t exchanges = 0;          // QoS 2 messages and wills that may come again; a gauge
  std::uint64_t reads = 0;
  std::uint64_t read_records = 0;   // records looked at for reads
  std::uint64_t read_by_topic = 0;  // batches or single records that reads found by their topics
  std::uint64_t read_scans = 0;     // stretches that reads of topics had to look through: dense, or in doubt
  std::uint64_t fetches = 0;
  std::uint64_t questions_waiting = 0;  // reads, fetches and retained requests that wait for an answer
  std::uint64_t topics = 0;
  std::uint64_t log_start = 0;
  std::uint64_t log_end = 0;
  std::uint64_t delivered = 0;  // below log_end: that much is not committed yet

  std::uint64_t retained_messages = 0;
  std::uint64_t retained_bytes = 0;
  std::uint64_t retained_refused = 0;  // found no room: delivered, not kept
  std::uint64_t retained_expired = 0;
  std::uint64_t retained_waiting_bytes = 0;  // on their way to the disk; a gauge
  std::uint64_t retained_unreadable = 0;     // passed over, each time
  std::uint64_t retained_away = 0;           // 1: cannot be written; a gauge, in sums the number of shards

  std::uint64_t groups = 0;              // shared subscriptions
  std::uint64_t groups_behind = 0;       // of these, those that read the log
  std::uint64_t group_messages = 0;      // given to a member
  std::uint64_t group_returned = 0;      // came back
  std::uint64_t group_ignored = 0;       // done or returned, but not held by that member
  std::uint64_t group_qos0_dropped = 0;  // no member had room
  std::uint64_t group_refused = 0;       // no member may be shown it, or those that may have too much waiting
  std::uint64_t group_parked = 0;        // no member may be shown it now, and is kept for one that may come back
  std::uint64_t group_expired = 0;       // before any member had room
  std::uint64_t group_lost_offsets = 0;  // no longer in the log; of all topics, possibly not the group's
  std::uint64_t group_read_records = 0;  // scanned for groups that are behind
  std::uint64_t groups_logged = 0;       // records that say how far some are, for the next process

  std::uint64_t batch_bytes_in = 0;     // of batches, for the log or passing
  std::uint64_t log_bytes = 0;          // held by the log now; a gauge
  std::uint64_t undelivered_bytes = 0;  // of batches that wait for the log to commit; a gauge

  // Of a log on disk (broker/log/view.hpp); all zero of one in memory.
  std::uint64_t log_segments = 0;  // a gauge
  std::uint64_t log_writes = 0;
  std::uint64_t log_bytes_written = 0;
  std::uint64_t log_syncs = 0;
  std::uint64_t log_segments_dropped = 0;  // by retention
  std::uint64_t log_refused_batches = 0;   // the disk was full, or has failed
  std::uint64_t log_parts_read = 0;
  std::uint64_t log_parts_waited_for = 0;
  std::uint64_t log_offsets_unreadable = 0;
  std::uint64_t log_parts_unreadable = 0;
  std::uint64_t log_bytes_cut = 0;  // at the start
  std::uint64_t log_full = 0;       // 1: is, and refuses; a gauge, in sums the number of logs
  std::uint64_t log_failed = 0;     // 1: has, and refuses until a restart; likewise
};

// What operators are shown of a topic that a shard knows: one with a literal subscription, or looked up not long ago.
struct topic_view {
  std::string topic;
  std::uint32_t routes = 0;           // workers with a subscription to this very topic, and shared subscriptions to it
  std::uint32_t wildcard_routes = 0;  // workers' wildcard filters that match it; in lists as last looked up, up to 64
};

// The retained message of a topic.
struct retained_message_view {
  bool present = false;
  std::uint64_t payload_bytes = 0;
  std::uint8_t qos = 0;
  std::uint64_t stored_ms = 0;  // of the wall clock
};

}  // namespace headgate::broker::shard
