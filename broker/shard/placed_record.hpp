#pragma once

#include "broker/record/layout.hpp"

namespace headgate::broker::shard {

// A record of a batch that somebody keeps alive, with its offset; without one of its own that of the next record.
struct placed_record {
  const record::record_header* record = nullptr;
  record::offset place;
};

}  // namespace headgate::broker::shard
