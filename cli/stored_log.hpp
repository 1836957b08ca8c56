#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/log/log_identity.hpp"
#include "broker/log/scan_segment.hpp"
#include "cli/log_places.hpp"

namespace headgate::cli {

// A segment of a log as its files show it.
struct stored_segment {
  std::string file;           // the name of its log
  broker::log::offset first;  // by that name; of spare.log that of its first batch
  std::uint64_t file_bytes = 0;
  std::optional<broker::log::stored_index> index;  // there and whole: then the segment is sealed
  std::optional<broker::log::errc> index_error;    // why it is not
  bool is_last = false;

  bool is_sealed() const { return index.has_value(); }
};

// A log on a disk, looked at by somebody to whom it does not belong: a server may be writing it meanwhile. Nothing is
// made, changed, renamed or removed; so nothing is recovered either. One thread.
class stored_log {
 public:
  // Throws with a sentence when the directory or one of its files cannot be read.
  explicit stored_log(const log_place& place);

  const std::string& name() const { return place_.name; }
  const std::string& path() const { return place_.path; }
  // Nothing: it is lost, or damaged.
  const std::optional<broker::log::log_identity>& identity() const { return identity_; }
  // 0: any.
  std::uint32_t id() const { return identity_ ? identity_->id : 0; }
  // In the order of their offsets.
  const std::vector<stored_segment>& segments() const { return segments_; }
  // Files that a start has put aside, because no batch of theirs could be read.
  const std::vector<std::string>& put_aside() const { return put_aside_; }

  // Null: there is no such file any more, since retention has taken it.
  std::shared_ptr<broker::log::file> open(const std::string& name) const;
  // The batches of a segment, as visit_batches() shows them; of a sealed one up to its end. Stops when `visit` answers
  // false. Throws when it cannot be read to its end. False: retention has taken it meanwhile.
  bool visit(const stored_segment& segment, broker::log::damage on_damage,
             const broker::log::batch_visitor& visit) const;

 private:
  void read_identity();
  bool add(const std::string& name, broker::log::offset first);
  bool add_spare();
  bool list();

  log_place place_;
  std::unique_ptr<broker::log::directory> directory_;
  std::optional<broker::log::log_identity> identity_;
  std::vector<stored_segment> segments_;
  std::vector<std::string> put_aside_;
};

}  // namespace headgate::cli
