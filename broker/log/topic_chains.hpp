#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/hash_index.hpp"
#include "base/slab.hpp"

namespace headgate::broker::log {

// Where the last record of each topic stands in one segment, by the topic's hash: the record that comes next holds its
// distance to it, so that the records of a topic are a chain. Topics of one hash share a chain. About 25 bytes a topic.
// One thread.
class topic_chains {
 public:
  static constexpr std::uint32_t none = 0xffff'ffff;

  // A record is to stand there: the position of the one before it in its chain, or none.
  std::uint32_t add(std::uint64_t hash, std::uint32_t position);
  // Fetches ahead from memory what add() will look at, of so many hashes at once at best.
  static constexpr std::size_t group = 16;
  void prefetch(std::span<const std::uint64_t> hashes) const;
  // The last record of the chain, or none.
  std::uint32_t last(std::uint64_t hash) const;

  // What was added since keep() was written, or was not: then all is as before.
  void keep() { added_.clear(); }
  void take_back();

  std::size_t topics() const { return index_.size(); }

 private:
  struct chain_end {
    std::uint64_t hash = 0;
    std::uint32_t position = none;
  };
  struct change {
    std::uint32_t number = 0;
    std::uint32_t position_before = none;
  };
  std::uint32_t find(std::uint64_t hash) const;

  base::hash_index index_;
  base::slab<chain_end> ends_;
  std::vector<change> added_;
};

}  // namespace headgate::broker::log
