#include "cli/stored_log.hpp"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "broker/log/posix_disk.hpp"

namespace headgate::cli {

namespace log = broker::log;

namespace {

// The file of a segment that was just begun gets its name while we look: so often we look again.
constexpr int most_looks = 5;

[[noreturn]] void refuse(const std::string& path, log::errc error) {
  std::string what;
  if (error == log::errc::not_allowed) {
    what = ": run this as the user that Headgate runs as, or as root (sudo); user " + std::to_string(::geteuid()) +
           " may not, or has too many files open";
  } else if (error == log::errc::unknown_version) {
    what = ": use the version of Headgate that wrote it";
  } else {
    what = ": see what the system says of this disk (dmesg)";
  }
  throw std::runtime_error(path + " cannot be read: " + std::string(log::explain(error)) + what);
}

}  // namespace

stored_log::stored_log(const log_place& place) : place_(place) {
  auto opened = log::open_posix_directory(place.path);
  if (!opened) refuse(place.path, opened.error());
  directory_ = std::move(*opened);
  read_identity();
  for (int looks = 0; looks < most_looks && !list(); ++looks) {
  }
}

void stored_log::read_identity() {
  const auto file = open(log::identity_name);
  if (!file) return;
  const auto found = log::read_identity(*file);
  if (!found) refuse(place_.path + "/" + log::identity_name, found.error());
  identity_ = *found;
}

std::shared_ptr<log::file> stored_log::open(const std::string& name) const {
  auto file = directory_->open(name, log::opening::to_read);
  if (file) return *file;
  if (file.error() != log::errc::not_found) refuse(place_.path + "/" + name, file.error());
  return nullptr;
}

// False: a file that was to be there has another name by now.
bool stored_log::list() {
  segments_.clear();
  put_aside_.clear();
  const auto names = directory_->list();
  if (!names) refuse(place_.path, names.error());
  bool found_all = true;
  for (const auto& name : *names) {
    log::offset first;
    if (log::parse_log_name(name, &first)) (void)add(name, first);
    if (name == log::spare_name) found_all = add_spare();
    if (name.ends_with(".log.damaged")) put_aside_.push_back(name);
  }
  std::sort(segments_.begin(), segments_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  // One that was named just now may show under both names.
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  segments_.erase(std::unique(segments_.begin(), segments_.end(), same), segments_.end());
  std::sort(put_aside_.begin(), put_aside_.end());
  if (!segments_.empty()) segments_.back().is_last = true;
  return found_all;
}

bool stored_log::add(const std::string& name, log::offset first) {
  const auto file = open(name);
  if (!file) return false;
  stored_segment segment;
  segment.file = name;
  segment.first = first;
  // Nothing is written behind what an index says: so it is looked at before the size.
  auto index = log::read_index(*directory_, first);
  if (index && index->segment.first == first) {
    segment.index = std::move(*index);
  } else {
    segment.index_error = index ? log::errc::damaged : index.error();
  }
  using enum log::errc;
  if (segment.index_error == unknown_version || segment.index_error == not_allowed) {
    refuse(place_.path + "/" + log::index_name(first), *segment.index_error);
  }
  const auto size = file->size();
  if (!size) refuse(place_.path + "/" + name, size.error());
  segment.file_bytes = *size;
  segments_.push_back(std::move(segment));
  return true;
}

// A segment that is written to already, while the log thread still has to give its file a name.
bool stored_log::add_spare() {
  const std::string name(log::spare_name);
  const auto file = open(name);
  if (!file) return false;
  std::optional<log::offset> first;
  const auto visited = log::visit_batches(*file, id(), log::damage::ends, [&](const auto& batch, std::uint64_t) {
    first = log::offset{batch.base_offset};
    return false;
  });
  if (!visited) refuse(place_.path + "/" + name, visited.error());
  return !first || add(name, *first);
}

bool stored_log::visit(const stored_segment& segment, log::damage on_damage, const log::batch_visitor& visit) const {
  auto file = open(segment.file);
  // Named while we looked at others, or taken by retention.
  if (!file && segment.file == log::spare_name) file = open(log::log_name(segment.first));
  if (!file) return false;
  const auto visited = log::visit_batches(*file, id(), on_damage, [&](const auto& batch, std::uint64_t position) {
    if (segment.is_sealed() && position >= segment.index->segment.size) return false;
    return visit(batch, position);
  });
  if (!visited) refuse(place_.path + "/" + segment.file, visited.error());
  return true;
}

}  // namespace headgate::cli
