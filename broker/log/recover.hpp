#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker/log/disk.hpp"
#include "broker/log/log_identity.hpp"
#include "broker/log/scan_segment.hpp"

namespace headgate::broker::log {

// A log as it was found in its directory, made whole again.
struct recovered_log {
  log_identity identity;
  std::shared_ptr<file> identity_file;
  std::vector<segment_summary> segments;  // all sealed, in order
  offset next;                            // the first offset that was certainly never given
  std::uint64_t bytes_cut = 0;            // behind the last whole batch of a segment that was not sealed
  std::uint64_t segments_scanned = 0;     // read through, because their index was not there or not whole
};

// Why a log cannot be opened, as a sentence for operators.
struct recovery_error {
  errc what = errc::failed;
  std::string file;
};
using recovery = base::result<recovered_log, recovery_error>;

// Reads what is in the directory, cuts a torn tail to its last whole batch, and seals what is not sealed: every start
// goes on in a segment of its own. An empty directory becomes a log with the identity `new_id` (not 0). Reads whole
// only the segments without an index. Leaves the directory as it is after an error.
recovery recover(directory& directory, std::uint32_t new_id);

}  // namespace headgate::broker::log
