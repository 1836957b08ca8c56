#include "broker/log/recover.hpp"

#include <algorithm>

namespace headgate::broker::log {

namespace {

using step = base::result<nothing, recovery_error>;

// What recover() does, step after step.
class recovering {
 public:
  recovering(directory& directory, std::uint32_t new_id) : directory_(directory), new_id_(new_id) {}

  recovery run() {
    const auto names = directory_.list();
    if (!names) return recovery_error{names.error(), "the directory"};
    for (const auto& step : {&recovering::open_identity, &recovering::name_spare, &recovering::open_segments}) {
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
    if (!file) return recovery_error{file.error(), identity_name};
    log_.identity_file = *file;
    const auto found = read_identity(**file);
    if (!found) return recovery_error{found.error(), identity_name};
    if (*found) log_.identity = **found;
    return nothing{};
  }

  // A segment that was begun and not yet named: its batches say where it begins.
  step name_spare(const std::vector<std::string>& names) {
    const std::string spare(spare_name);
    if (!has(names, spare)) return nothing{};
    auto file = directory_.open(spare, opening::existing);
    if (!file) return recovery_error{file.error(), spare};
    auto scanned = scan_segment(**file, log_.identity.id);
    if (!scanned) return recovery_error{scanned.error(), spare};
    if (scanned->segment.size == 0) return done_with(directory_.remove(spare), spare);
    firsts_.push_back(scanned->segment.first);
    return done_with(directory_.rename(spare, log_name(firsts_.back())), spare);
  }

  step open_segments(const std::vector<std::string>& names) {
    for (const auto& name : names) {
      if (offset first; parse_log_name(name, &first)) firsts_.push_back(first);
    }
    std::sort(firsts_.begin(), firsts_.end());
    for (const auto first : firsts_) {
      if (auto opened = open_segment(first); !opened) return opened;
    }
    return done_with(directory_.sync(), "the directory");
  }

  step open_segment(offset first) {
    const auto index = read_index(directory_, first);
    if (index && index->segment.first == first && has_bytes(first, index->segment.size)) {
      log_.segments.push_back(index->segment);
      return nothing{};
    }
    if (!index && index.error() == errc::unknown_version) return recovery_error{index.error(), index_name(first)};
    return seal_segment(first);
  }

  bool has_bytes(offset first, std::uint64_t size) {
    auto file = directory_.open(log_name(first), opening::existing);
    if (!file) return false;
    const auto found = (*file)->size();
    return found && *found >= size;
  }

  step seal_segment(offset first) {
    const auto name = log_name(first);
    auto file = directory_.open(name, opening::existing);
    if (!file) return recovery_error{file.error(), name};
    auto scanned = scan_segment(**file, log_.identity.id);
    if (!scanned) return recovery_error{scanned.error(), name};
    ++log_.segments_scanned;
    const auto size = (*file)->size();
    if (!size) return recovery_error{size.error(), name};
    const auto& segment = scanned->segment;
    log_.bytes_cut += *size - segment.size;
    if (segment.size == 0 || segment.first != first) return done_with(directory_.remove(name), name);
    if (*size > segment.size) {
      if (auto cut = (*file)->truncate(segment.size); !cut) return recovery_error{cut.error(), name};
    }
    if (auto synced = (*file)->sync(); !synced) return recovery_error{synced.error(), name};
    // Its absence costs time only, and room may be short.
    if (!write_topics(directory_, **file, segment)) (void)directory_.remove(topics_name(first));
    if (auto written = write_index(directory_, segment, scanned->index); !written) {
      return recovery_error{written.error(), index_name(first)};
    }
    log_.segments.push_back(segment);
    if (log_.identity.id == 0) log_.identity.id = scanned->log_id;
    return nothing{};
  }

  // From here on the log is open, and what it gives is reserved.
  step settle_identity() {
    auto& identity = log_.identity;
    const auto end = log_.segments.empty() ? 0 : log_.segments.back().end.value;
    const bool was_lost = identity.generation == 0;
    if (identity.id == 0) identity.id = new_id_;
    const auto given = identity.closed ? identity.reserved
                       : was_lost && end > 0
                           ? end + 2 * offsets_per_block  // never more than so much was reserved ahead
                           : identity.reserved;
    log_.next = offset{std::max(end, given)};
    identity.closed = false;
    identity.reserved = log_.next.value + offsets_per_block;
    ++identity.generation;
    if (auto done = done_with(write_identity(*log_.identity_file, identity), identity_name); !done) return done;
    return done_with(directory_.sync(), "the directory");
  }

  static step done_with(const result<nothing>& outcome, const std::string& file) {
    if (!outcome) return recovery_error{outcome.error(), file};
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

result<nothing> write_index(directory& directory, const segment_summary& segment, const segment_index& index) {
  const auto data = encode_index(segment, index);
  auto file = directory.open(index_name(segment.first), opening::created);
  if (!file) return file.error();
  const base::bytes part(data);
  if (auto written = (*file)->write(0, {&part, 1}); !written) return written;
  return (*file)->sync();
}

result<stored_index> read_index(directory& directory, offset first) {
  auto file = directory.open(index_name(first), opening::existing);
  if (!file) return file.error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  std::vector<std::uint8_t> data(*size);
  const auto got = (*file)->read(0, data, waiting::allowed);
  if (!got) return got.error();
  return decode_index(base::bytes(data).first(*got));
}

}  // namespace headgate::broker::log
