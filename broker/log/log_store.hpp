#pragma once

#include <functional>
#include <optional>

#include "base/time.hpp"
#include "broker/log/topic_selection.hpp"
#include "broker/log/view.hpp"
#include "broker/record/block.hpp"

namespace headgate::broker::log {

using record::batch_ref;
using record::offset;

// What read() has: a batch; or nothing, because nothing is committed there; or nothing yet.
struct read_result {
  batch_ref batch;
  bool later = false;  // the engine fetches it and wakes the worker; then the same question is answered
};

// The port to a shard's log: batches in the order of their offsets. Owned and called by the shard's worker alone, by
// polling: what an engine does on another thread it announces through the base::mailbox that it was made with.
// start() <= committed() <= end(). None of them goes back, but for end() in flush().
class log_store {
 public:
  virtual ~log_store() = default;

  // Whose offsets these are: never 0, and never that of another log, however often a shard's log is lost or made anew.
  virtual std::uint32_t id() const = 0;
  // The first offset that can still be read; equal to end() when nothing can.
  virtual offset start() const = 0;
  // The offset that the next record appended will have.
  virtual offset end() const = 0;
  // All below is safe, as safe as this log makes it. Always the end of an appended batch, or end().
  virtual offset committed() const = 0;
  // Takes a batch whose base offset is end() and whose count is above 0. Nobody else changes it from now on, and nobody
  // looks at it before it is committed.
  virtual void append(batch_ref batch) = 0;
  // The end of a turn, also of one without a batch: writes what was appended. Returns end(), after every call: batches
  // appended and not committed that begin there or behind are refused, and their offsets are given again. They may be
  // of earlier turns. Nobody may hear of them; should the log have failed, they may come back with the next start.
  [[nodiscard]] virtual offset flush(base::instant now) = 0;
  // The first batch that has an offset >= `from`, whole. It need not hold `from`: offsets may be left out, and what is
  // damaged is. No batch and not later: there is none below committed(), go on there. start() <= from.
  virtual read_result read(offset from) = 0;
  // The same for the records of some topics: in the order of their offsets, bounded, and without reading what stands
  // between them where the log knows a way. Topics may share a hash, so whoever asks compares. start() <= from.
  virtual topic_read_result read_topics(const topic_selection_ref&, offset /*from*/) {
    return {.batch = {}, .to = committed(), .later = false, .is_scan = true};
  }
  // Where the segment begins that is written to now; nothing of a log that does not outlive its process. Each segment
  // is to have a snapshot of what the shard knows, soon after its begin.
  virtual std::optional<offset> segment() const { return std::nullopt; }
  // Before the first append(): shows every batch from the newest snapshot on, and perhaps some before it. Reads files,
  // and may take a second. False: not all that is there could be read.
  using replay_visitor = std::function<void(const record::batch_header&)>;
  [[nodiscard]] virtual bool replay(const replay_visitor&) { return true; }
  // What it holds now, as its own bound counts it.
  virtual std::uint64_t bytes() const = 0;
  // All zero of a log that has no disk.
  virtual log_view view() const { return {}; }
};

}  // namespace headgate::broker::log
