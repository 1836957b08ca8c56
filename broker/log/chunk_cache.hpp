#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "broker/log/segment.hpp"
#include "broker/record/block.hpp"

namespace headgate::broker::log {

// Parts of segments that were read lately, each in a block of its own, so that who reads batch after batch reads the
// device once a part. One thread. Invariant: a part that somebody waits for stays until it was found once, or until so
// many others were asked for in vain that nobody waits any more; with those it may have more than its bound.
class chunk_cache {
 public:
  // `max_bytes`: of blocks. A part has 64 KB and one batch at most; the newest always stays.
  explicit chunk_cache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  struct found {
    bool here = false;
    record::batch_ref batch;  // none: no batch of this part can be read from there on; it goes on at `end`
    record::offset end;
  };
  // The first batch at or behind `from`, if the part that holds `from` is here.
  found find(record::offset from);
  // The batch that this position of the segment stands in, which is in `part`, if so much of the part is here.
  found find_at(const segment_part& part, std::uint64_t position);

  // A block to read a part into: one that is used no more, or a new one.
  record::block_ref take_block(std::size_t size);
  // Keeps what was read. `good_bytes`: from the part's begin on, whole batches; what is behind cannot be read.
  void keep(const segment_part& part, record::block_ref block, std::uint64_t good_bytes, bool is_awaited);
  // Those that somebody waits for.
  std::size_t awaited() const;
  // Another question could not be answered.
  void count_miss() { ++misses_; }

 private:
  struct chunk {
    segment_part part;
    record::block_ref block;
    std::uint64_t good_bytes = 0;
    // Where the batch that was found last begins, and its first offset: the next question goes on from there.
    std::uint32_t at = 0;
    record::offset at_offset;
    bool awaited = false;
    std::uint64_t kept_at = 0;  // of misses_
    std::uint64_t used_at = 0;
  };
  bool is_awaited(const chunk& chunk) const;
  std::size_t bytes() const;
  chunk* oldest();
  static record::batch_ref find_in(chunk& chunk, record::offset from);

  std::size_t max_bytes_;
  std::vector<chunk> chunks_;
  std::uint64_t clock_ = 0;  // counts uses
  std::uint64_t misses_ = 0;
};

}  // namespace headgate::broker::log
