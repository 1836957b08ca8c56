#pragma once

#include "broker/record/block.hpp"

namespace headgate::broker::log {

using record::batch_ref;
using record::offset;

// The port to a shard's log: batches in the order of their offsets. Owned and called by the shard's worker alone.
class log_store {
 public:
  virtual ~log_store() = default;

  // The first offset that can still be read; equal to end() when nothing can.
  virtual offset start() const = 0;
  // The offset that the next record appended will have.
  virtual offset end() const = 0;
  // Takes a batch whose base offset is end() and whose count is above 0. It is committed when the call returns.
  virtual void append(batch_ref batch) = 0;
  // The batch that holds `from`, or nothing at or past the end. start() <= from.
  virtual batch_ref read(offset from) const = 0;
};

}  // namespace headgate::broker::log
