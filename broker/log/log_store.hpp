#pragma once

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
// polling: what an engine does on another thread it announces through the base::waker that it was made with.
// start() <= end(), committed() <= end(), and none of them ever goes back.
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
  // The batch that holds `from`, whole, or nothing at or past committed(). start() <= from.
  virtual read_result read(offset from) = 0;
  // What it holds now, as its own bound counts it.
  virtual std::uint64_t bytes() const = 0;
};

}  // namespace headgate::broker::log
