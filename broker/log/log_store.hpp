#pragma once

#include "base/time.hpp"
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
// start() <= committed() <= end(). None of them goes back, but for end() when flush() refuses.
class log_store {
 public:
  virtual ~log_store() = default;

  // The first offset that can still be read; equal to end() when nothing can.
  virtual offset start() const = 0;
  // The offset that the next record appended will have.
  virtual offset end() const = 0;
  // All below is safe, as safe as this log makes it. Always the end of an appended batch, or end().
  virtual offset committed() const = 0;
  // Takes a batch whose base offset is end() and whose count is above 0. Its bytes stay as they are from now on.
  virtual void append(batch_ref batch) = 0;
  // The end of a turn, also of one without a batch: writes what was appended. Returns end(), which is lower than before
  // when batches were refused: those from there on are not in the log, and nobody may hear of them.
  [[nodiscard]] virtual offset flush(base::instant now) = 0;
  // The first batch that has an offset >= `from`, whole, or nothing when that is at or past committed(). Usually it
  // holds `from`; it does not where offsets were left out. start() <= from.
  virtual read_result read(offset from) = 0;
  // What it holds now, as its own bound counts it.
  virtual std::uint64_t bytes() const = 0;
};

}  // namespace headgate::broker::log
