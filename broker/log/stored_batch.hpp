#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "broker/log/disk.hpp"
#include "broker/record/layout.hpp"

namespace headgate::broker::log {

// A batch as it stands in a segment (FORMAT.md): without its passing records, with a CRC.
struct stored_batch {
  record::batch_header header;
  std::uint32_t first_run = 0;  // of the runs that write_stored() was given: the records, without those that pass
  std::uint32_t run_count = 0;
};

// Describes how the batch is to be written, to a log of this id. Adds to `runs` bytes of the batch, which must live.
// The CRC is still missing. count > 0.
stored_batch store_batch(record::batch_header& batch, std::uint32_t log_id, std::vector<base::bytes>& runs);
// Sets the CRC: the records stay as they are from now on.
void set_crc(stored_batch& stored, const std::vector<base::bytes>& runs);
// Calls visit(record, position) for each record that is written, with its position behind the begin of the batch.
template <class Visit>
void for_each_stored_record(record::batch_header& batch, Visit visit) {
  std::uint32_t position = sizeof(record::batch_header);
  record::for_each_record(batch, [&](record::record_header& record) {
    if (!record.has_offset()) return;
    visit(record, position);
    position += static_cast<std::uint32_t>(record::aligned(record.size));
  });
}

// What stands at the beginning of `data`, which is 8-aligned: a whole batch of this log (0: of any log), as it was
// stored; or too_small when it may go on behind the end of `data`, unknown_version, or damaged. Trusts nothing.
result<const record::batch_header*> check_batch(base::bytes data, std::uint32_t log_id);

}  // namespace headgate::broker::log
