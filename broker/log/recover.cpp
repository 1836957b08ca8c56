#include "broker/log/recover.hpp"

#include <algorithm>

namespace headgate::broker::log {

namespace {

using step = base::result<nothing, recovery_error>;
using reason = recovery_error::reason;

recovery_error disk_error(errc what, std::string file) {
  return {reason::of_the_disk, what, std::move(file)};
}

constexpr const char* whole_directory = "the directory";

// What recover() does, step after step.
class recovering {
 public:
  recovering(directory& directory, std::uint32_t new_id) : directory_(directory), new_id_(new_id) {}

  recovery run() {
    const auto names = directory_.list();
    if (!names) return disk_error(names.error(), whole_directory);
    for (const auto& step : {&recovering::open_identity, &recovering::name_spare, &recovering::open_segments,
                             &recovering::remove_orphans}) {
      if (auto done = (this->*step)(*names); !done) return done.error();
    }
    if (auto done = settle_identity(); !done) return done.error();
    return std::move(log_);
  }

 private:
  static bool has(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  step open_identity(const std::vector<std::string>& names) {
    const auto how = has(names, identity_name) ? opening::existing : opening::created;
    auto file = directory_.open(identity_name, how);
    if (!file) return disk_error(file.error(), identity_name);
    log_.identity_file = *file;
    const auto found = read_identity(**file);
    if (!found) return disk_error(found.error(), identity_name);
    if (*found) log_.identity = **found;
    return nothing{};
  }

  // A segment that was begun and not yet named: its batches say where it begins.
  step name_spare(const std::vector<std::string>& names) {
    const std::string spare(spare_name);
    if (!has(names, spare)) return nothing{};
    auto file = directory_.open(spare, opening::existing);
    if (!file) return disk_error(file.error(), spare);
    const auto scanned = scan_segment(**file, log_.identity.id, damage::ends);
    if (!scanned) return disk_error(scanned.error(), spare);
    if (scanned->segment.size == 0) return done_with(directory_.remove(spare), spare);
    const auto name = log_name(scanned->segment.first);
    if (has(names, name)) return recovery_error{reason::overlapping, errc::damaged, spare};
    firsts_.push_back(scanned->segment.first);
    return done_with(directory_.rename(spare, name), spare);
  }

  step open_segments(const std::vector<std::string>& names) {
    for (const auto& name : names) {
      if (offset first; parse_log_name(name, &first)) firsts_.push_back(first);
    }
    std::sort(firsts_.begin(), firsts_.end());
    for (const auto first : firsts_) {
      if (auto opened = open_segment(first); !opened) return opened;
    }
    return done_with(directory_.sync(), whole_directory);
  }

  step open_segment(offset first) {
    const auto index = read_index(directory_, first);
    if (!index && index.error() == errc::unknown_version) return disk_error(index.error(), index_name(first));
    if (index && index->segment.first == first && has_bytes(first, index->segment.size)) return add(index->segment);
    return seal_segment(first);
  }

  bool has_bytes(offset first, std::uint64_t size) {
    auto file = directory_.open(log_name(first), opening::existing);
    if (!file) return false;
    const auto found = (*file)->size();
    return found && *found >= size;
  }

  step add(const segment_summary& segment) {
    const auto name = log_name(segment.first);
    if (log_.identity.id == 0) log_.identity.id = segment.log_id;
    if (segment.log_id != log_.identity.id) return recovery_error{reason::of_another_log, errc::damaged, name};
    if (!log_.segments.empty() && segment.first < log_.segments.back().end) {
      return recovery_error{reason::overlapping, errc::damaged, name};
    }
    log_.segments.push_back(segment);
    return nothing{};
  }

  // Only the last segment can have a tail that nobody was told of. What is damaged in an older one is left out when it
  // is read, and stays for those who may still make something of it.
  step seal_segment(offset first) {
    const auto name = log_name(first);
    auto file = directory_.open(name, opening::existing);
    if (!file) return disk_error(file.error(), name);
    const bool is_last = first == firsts_.back();
    const auto size = (*file)->size();
    if (!size) return disk_error(size.error(), name);
    auto scanned = scan_segment(**file, log_.identity.id, is_last ? damage::ends : damage::is_skipped);
    if (!scanned) return disk_error(scanned.error(), name);
    ++log_.segments_scanned;
    auto& segment = scanned->segment;
    if (segment.size == 0 || segment.first < first) return set_aside(first, *size, is_last);
    segment.first = first;
    (is_last ? log_.bytes_cut : log_.bytes_damaged) += *size - segment.size + scanned->bytes_skipped;
    if (is_last && *size > segment.size) {
      if (auto cut = (*file)->truncate(segment.size); !cut) return disk_error(cut.error(), name);
    }
    if (auto synced = (*file)->sync(); !synced) return disk_error(synced.error(), name);
    // The absence of these costs time only, and room may be short.
    if (!write_topics(directory_, **file, segment)) (void)directory_.remove(topics_name(first));
    if (!write_index(directory_, segment, scanned->index)) (void)directory_.remove(index_name(first));
    return add(segment);
  }

  // A file without a batch that can be read: of the last segment it is a tail of nothing.
  step set_aside(offset first, std::uint64_t size, bool is_last) {
    const auto name = log_name(first);
    (is_last ? log_.bytes_cut : log_.bytes_damaged) += size;
    if (size == 0) return done_with(directory_.remove(name), name);
    return done_with(directory_.rename(name, name + ".damaged"), name);
  }

  bool is_segment(offset first) const {
    return std::any_of(log_.segments.begin(), log_.segments.end(),
                       [first](const segment_summary& segment) { return segment.first == first; });
  }

  // What is left of segments that were removed.
  step remove_orphans(const std::vector<std::string>& names) {
    for (const auto& name : names) {
      for (const std::string_view ending : {".index", ".topics"}) {
        if (!name.ends_with(ending)) continue;
        offset first;
        const auto log = name.substr(0, name.size() - ending.size()) + ".log";
        if (!parse_log_name(log, &first) || is_segment(first)) continue;
        if (auto removed = directory_.remove(name); !removed) return disk_error(removed.error(), name);
      }
    }
    return nothing{};
  }

  // From here on the log is open, and what it gives is reserved.
  step settle_identity() {
    auto& identity = log_.identity;
    const auto end = log_.segments.empty() ? 0 : log_.segments.back().end.value;
    const bool is_lost = identity.generation == 0 && end > 0;
    const bool is_new = identity.generation == 0;
    if (identity.id == 0) identity.id = new_id_;
    log_.next = offset{is_lost ? end + offsets_behind_lost_identity : std::max(end, identity.reserved)};
    identity.closed = false;
    identity.reserved = log_.next.value + offsets_per_block;
    // Both places exist from the beginning, so that a full disk does not stop a start.
    for (int times = is_new ? 2 : 1; times > 0; --times) {
      ++identity.generation;
      if (auto written = write_identity(*log_.identity_file, identity); !written) {
        return disk_error(written.error(), identity_name);
      }
    }
    return done_with(directory_.sync(), whole_directory);
  }

  static step done_with(const result<nothing>& outcome, const std::string& file) {
    if (!outcome) return disk_error(outcome.error(), file);
    return nothing{};
  }

  directory& directory_;
  std::uint32_t new_id_;
  std::vector<offset> firsts_;
  recovered_log log_;
};

}  // namespace

recovery recover(directory& directory, std::uint32_t new_id) {
  return recovering(directory, new_id).run();
}

std::string explain(const recovery_error& error) {
  switch (error.why) {
    case reason::of_the_disk:
      return error.file + " cannot be opened: " + std::string(explain(error.what));
    case reason::of_another_log:
      return error.file + " belongs to another log: move it out of the directory, or restore the whole directory";
    case reason::overlapping:
      return error.file +
             " begins before the segment before it ends: files of two states of the log are mixed; restore "
             "the whole directory of one, or move those of the other out";
  }
  return "unknown error";
}

}  // namespace headgate::broker::log
