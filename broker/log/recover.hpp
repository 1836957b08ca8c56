#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker/log/disk.hpp"
#include "broker/log/log_identity.hpp"
#include "broker/log/scan_segment.hpp"
#include "broker/log/segment.hpp"

namespace headgate::broker::log {

// A log as it was found in its directory, made whole again.
struct recovered_log {
  log_identity identity;
  std::shared_ptr<file> identity_file;
  std::vector<segment_summary> segments;  // all sealed, in order
  offset next;                            // the first offset that was certainly never given
  std::uint64_t bytes_cut = 0;            // behind the last whole batch of the last segment: a torn tail
  std::uint64_t bytes_damaged = 0;        // of older segments without an index: cannot be read
  std::uint64_t segments_scanned = 0;     // read through, because their index was not there or not whole
};

// Why a log cannot be opened. Of the batches in the directory none was changed then.
struct recovery_error {
  enum class reason : std::uint8_t {
    of_the_disk,     // see `what`
    of_another_log,  // the file has batches of a log that is not the directory's
    overlapping,     // the file begins before the one before it ends
  };
  reason why = reason::of_the_disk;
  errc what = errc::failed;
  std::string file;
};
// A sentence for operators: what is wrong, and what would do.
std::string explain(const recovery_error& error);
using recovery = base::result<recovered_log, recovery_error>;

// Reads what is in the directory, cuts a torn tail to its last whole batch, and seals what is not sealed: every start
// goes on in a segment of its own. An empty directory becomes a log with the identity `new_id` (not 0). Reads whole
// only the segments without an index. A disk that is full is no error.
recovery recover(directory& directory, std::uint32_t new_id);

}  // namespace headgate::broker::log
