#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/record/block.hpp"

namespace headgate::broker::log {

// The topics that a reader wants the records of: either those of some hashes, or those that somebody says. Immutable,
// for the log thread looks at it, too.
struct topic_selection {
  std::vector<std::uint64_t> hashes;  // ascending, each once
  // When it is set it says which topics are wanted, and `hashes` is empty. Any thread. Asked once for each topic of a
  // segment, not for each record.
  std::function<bool(std::string_view topic)> matches;
  std::string text;  // what `matches` was made of: selections with the same text want the same topics
};
using topic_selection_ref = std::shared_ptr<const topic_selection>;

// What read_topics() has.
struct topic_read_result {
  // The first batch with a record of the selection at or behind `from`; perhaps that record alone, in a batch of its
  // own, and perhaps with others. What else it holds of the selection is at or behind `to`.
  record::batch_ref batch;
  record::offset
      to;  // below there is none; without a batch: go on there, it is above `from` unless nothing is committed
  bool later = false;    // the engine fetches it and wakes the worker; then the same question is answered
  bool is_scan = false;  // what is below `to` is to be read with read(): there is no shorter way
};

}  // namespace headgate::broker::log
