#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/ring_queue.hpp"
#include "broker/link/messages.hpp"

namespace headgate::proxy::gateway {

// A record that some client of this worker waits for.
struct tail_entry {
  const broker::record::record_header* record = nullptr;
  broker::record::offset place;
  std::uint64_t timestamp_ms = 0;  // of its batch
  std::uint64_t first_id = 0;
  std::uint32_t id_count = 0;
  std::uint16_t shard = 0;
};

// The records that clients of one worker wait for because their windows are full, each once, whoever waits for it;
// references are numbers that are never used again. Bounded by the memory of the blocks that it keeps alive, and its
// own: the oldest go first, and whoever still waits for one reads the log instead. Nothing is kept while nobody waits.
// One thread.
class tail {
 public:
  explicit tail(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  // `entry.first_id` is set here. The same record again, with nothing between, has the same reference.
  std::uint64_t add(tail_entry entry, std::span<const std::uint32_t> ids, const broker::record::batch_ref& batch);
  // Null when it has gone.
  const tail_entry* find(std::uint64_t reference) const;
  std::span<const std::uint32_t> ids_of(const tail_entry& entry);
  // Nobody waits any more.
  void clear();
  // The turn's output is sent: what has gone may be freed now. Until then outputs may refer to its bytes.
  void free_dropped() { dropped_.clear(); }

  std::uint64_t bytes() const { return bytes_; }
  std::size_t size() const { return entries_.size(); }

 private:
  struct kept_batch {
    broker::record::batch_ref batch;
    std::uint64_t past = 0;  // the first reference behind it
  };
  void drop_oldest();

  std::uint64_t max_bytes_;
  std::uint64_t bytes_ = 0;
  std::uint64_t first_ = 0;  // reference of the oldest entry
  std::uint64_t first_id_ = 0;
  base::ring_queue<tail_entry> entries_;
  base::ring_queue<std::uint32_t> ids_;
  base::ring_queue<kept_batch> batches_;
  std::vector<broker::record::batch_ref> dropped_;
  std::vector<std::uint32_t> scratch_;
};

}  // namespace headgate::proxy::gateway
