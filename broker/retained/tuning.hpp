#pragma once

#include <cstddef>
#include <cstdint>

// How RocksDB is set up and how the retained thread works with it.
namespace headgate::broker::retained {

// Data, index and filter blocks share it, so that RocksDB's memory does not grow with the topics. Indexes and filters
// are cut into blocks of 4 KB, of which a look-up needs one each. Behind it stands the system's own cache.
inline constexpr std::size_t block_cache_bytes = 32UL << 20;
inline constexpr double high_priority_share = 0.5;
// Two, one of which fills while the other is written out.
inline constexpr std::size_t write_buffer_bytes = 16UL << 20;
inline constexpr int write_buffers = 2;
// The write-ahead log is read again at start: half a second for so much.
inline constexpr std::uint64_t max_log_bytes = 64UL << 20;
// The system is told to write out RocksDB's log after so much, so that a power cut takes little of it.
inline constexpr std::uint64_t log_bytes_per_sync = 1UL << 20;
// 1 % of the look-ups that find nothing read a block in vain.
inline constexpr double filter_bits_per_key = 10;
inline constexpr int max_open_files = 256;
inline constexpr int background_jobs = 2;
// Reads ahead when all topics are gone through at start.
inline constexpr std::size_t scan_ahead_bytes = 2UL << 20;

// Changes wait so long for others to be written with them, unless somebody asks a question or so many have come: nobody
// waits for them, for what is lost with the process stands in the log.
inline constexpr std::uint32_t gather_ms = 20;
inline constexpr std::size_t gather_bytes = 256UL << 10;
// Changes of one shard that wait to be written. Above that the shard reads them from its log when there is room. So
// much may be written at once, some 100 ms, which a question then waits for.
inline constexpr std::size_t max_waiting_bytes = 8UL << 20;
// A shard that retains nothing has its place in the log written after so many bytes of it, or so many offsets: so much
// is read again after a crash.
inline constexpr std::uint64_t progress_bytes = 4UL << 20;
inline constexpr std::uint64_t progress_offsets = 64UL * 1024;
// Questions of one shard that are asked of the thread, or answered and not fetched yet, and the bytes of their answers;
// above that a question waits at the shard. An answer serves all who ask the same until something is applied or others
// are answered, but not for longer than the first time; one that nobody fetched was forgotten after the second.
inline constexpr std::size_t max_questions = 256;
inline constexpr std::size_t max_answer_bytes = 16UL << 20;
inline constexpr std::uint64_t fetched_ms = 1000;
inline constexpr std::uint64_t forgotten_ms = 10'000;
// So long questions of one shard are answered before others have their turn: one has some milliseconds at most.
inline constexpr std::uint32_t answer_ms = 5;
// How often a store that is away is tried again, and how old the number of stored bytes may be.
inline constexpr std::uint32_t retry_ms = 1000;
inline constexpr std::uint32_t measure_ms = 1000;

}  // namespace headgate::broker::retained
