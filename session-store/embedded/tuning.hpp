#pragma once

#include <cstddef>
#include <cstdint>

// How RocksDB is set up: small, since a session is a value of tens of bytes that is read when its client comes back.
namespace headgate::session_store::embedded {

// Data, index and filter blocks share it, so that RocksDB's memory does not grow with the sessions. Indexes and filters
// are cut into blocks of 4 KB, of which a look-up needs one each: whole ones of a file have megabytes, and with more
// sessions than the cache has room for filters of, each look-up would read them again. They go last.
inline constexpr std::size_t block_cache_bytes = 16UL << 20;
inline constexpr double high_priority_share = 0.5;
// Two, one of which fills while the other is written out: 100,000 changes or so each.
inline constexpr std::size_t write_buffer_bytes = 16UL << 20;
inline constexpr int write_buffers = 2;
// The write-ahead log is read again at start: half a second for so much.
inline constexpr std::uint64_t max_log_bytes = 64UL << 20;
// 1 % of the look-ups that find nothing read a block in vain.
inline constexpr double filter_bits_per_key = 10;
// Files of 64 MB: ten million sessions have twenty.
inline constexpr int max_open_files = 256;
// Flushes and compactions; both are rare.
inline constexpr int background_jobs = 2;
// Reads ahead when all sessions are gone through at start.
inline constexpr std::size_t scan_ahead_bytes = 2UL << 20;

// Due times that one sweep looks at, those of other engines included: a few milliseconds of the store thread.
inline constexpr std::size_t looked_at_per_sweep = 64 * 1024;
// How often a store that is away is tried again.
inline constexpr std::uint32_t retry_ms = 1000;

}  // namespace headgate::session_store::embedded
