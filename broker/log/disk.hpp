#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace headgate::broker::log {

enum class errc : std::uint8_t {
  no_space,         // the disk, or this user's share of it, is full
  failed,           // the disk, or what stands for it, answered with an error
  not_found,        // no file of that name
  not_allowed,      // by the rights of the file or its directory, or the system has no more descriptors
  would_wait,       // the bytes are not in memory, and the caller may not wait
  damaged,          // the bytes are not what was once written
  unknown_version,  // written by a version of Headgate that this one does not know
  too_small,        // the file ends before what should be there
};
std::string_view explain(errc error);
template <class T>
using result = base::result<T, errc>;
// Of what has no value when it succeeds.
struct nothing {};

enum class waiting : std::uint8_t { allowed, refused };

// No log comes so far; what says so is damaged. Sums of offsets do not overflow.
inline constexpr std::uint64_t most_offset = std::uint64_t{1} << 62;

// The port to one open file. Any thread, several at once: a worker appends and reads what is in memory, the log thread
// does all else. Closed when the last of them lets it go.
class file {
 public:
  virtual ~file() = default;

  // All parts, one after the other, from `position` on. After an error any part of them may stand there.
  virtual result<nothing> write(std::uint64_t position, std::span<const base::bytes> parts) = 0;
  // Fills `into`, or as much as the file has; returns how much. With waiting::refused it answers would_wait instead of
  // reading from the device.
  virtual result<std::size_t> read(std::uint64_t position, std::span<std::uint8_t> into, waiting wait) = 0;
  // What was written is on the device, and with it the size.
  virtual result<nothing> sync() = 0;
  virtual result<nothing> truncate(std::uint64_t size) = 0;
  virtual result<std::uint64_t> size() = 0;
};

enum class opening : std::uint8_t {
  existing,
  created,  // made empty, or emptied
  to_read,  // an existing one that will not be changed
};

struct disk_space {
  std::uint64_t total = 0;  // bytes
  std::uint64_t free = 0;   // of these, what may still be written
};

// The port to the directory that holds a shard's log and nothing else. Called by the thread that opens the log, then by
// the log thread, and when that has ended its work by the thread that closes the log.
class directory {
 public:
  virtual ~directory() = default;

  virtual result<std::shared_ptr<file>> open(const std::string& name, opening how) = 0;
  virtual result<std::vector<std::string>> list() = 0;
  virtual result<nothing> rename(const std::string& from, const std::string& to) = 0;
  // No error when there is no such file.
  virtual result<nothing> remove(const std::string& name) = 0;
  // Names that were made, changed and removed are on the device.
  virtual result<nothing> sync() = 0;
  virtual result<disk_space> space() = 0;
};

}  // namespace headgate::broker::log
