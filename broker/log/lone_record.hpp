#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "broker/log/segment.hpp"
#include "broker/log/topics_file.hpp"
#include "broker/record/block.hpp"

namespace headgate::broker::log {

// How large the next record of a topic probably is: as the smaller of the two before it, so that a single large one
// does not make us read too much for the others.
class likely_size {
 public:
  void add(std::uint32_t size) { before_ = std::exchange(last_, size); }
  std::uint32_t value() const { return std::min(last_, before_); }

 private:
  std::uint32_t last_ = 0;
  std::uint32_t before_ = 0;
};

// Reads one record of a sealed segment without its batch: it comes in a batch of its own, as if it had been sent alone.
// One call of the file when it is no larger than `likely` says, and that is no more than 64 KB; else two. `likely`
// hears of its size. Damaged: it is not the record that the entry is of, or larger than what is read so.
result<record::batch_ref> read_lone_record(file& data, const segment_summary& segment, const topic_entry& entry,
                                           waiting wait, likely_size& likely);

}  // namespace headgate::broker::log
