#pragma once

#include "broker/log/segment.hpp"
#include "broker/log/topics_file.hpp"
#include "broker/record/block.hpp"

namespace headgate::broker::log {

// Reads one record of a sealed segment without its batch: it comes in a batch of its own, as if it had been sent alone.
// Damaged: it is not the record that the entry is of, or larger than what is read so.
result<record::batch_ref> read_lone_record(file& data, const segment_summary& segment, const topic_entry& entry,
                                           waiting wait);

}  // namespace headgate::broker::log
