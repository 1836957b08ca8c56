#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "broker/log/disk.hpp"

namespace headgate::broker::log {

// What a log must not forget whatever happens to its segments (FORMAT.md): who it is, and which offsets it may have
// given. All below `reserved` may have been, unless the log was closed in order: then exactly those.
struct log_identity {
  std::uint32_t id = 0;          // drawn when the directory was made, never 0
  std::uint64_t generation = 0;  // counts the times that it was written
  std::uint64_t reserved = 0;
  bool closed = false;
  friend bool operator==(const log_identity&, const log_identity&) = default;
};

inline constexpr const char* identity_name = "identity";
// So many offsets are reserved at a time, and the next ones when half of them are used.
inline constexpr std::uint64_t offsets_per_block = std::uint64_t{1} << 26;
// When the identity is lost the log goes on so far behind the last offset that is found: starts that were killed at
// once may have left many blocks without a batch.
inline constexpr std::uint64_t offsets_behind_lost_identity = std::uint64_t{1} << 40;

// Writes it beside the one written before, which stays whole until this one is on the device.
result<nothing> write_identity(file& file, const log_identity& identity);
// The newest that is whole; nothing when none is.
result<std::optional<log_identity>> read_identity(file& file);

}  // namespace headgate::broker::log
