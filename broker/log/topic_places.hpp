#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "broker/log/lone_record.hpp"
#include "broker/log/segment.hpp"
#include "broker/log/topics_file.hpp"
#include "broker/record/block.hpp"

namespace headgate::broker::log {

// Which topics, in which segment: those of one hash, or those of a selection's text.
struct places_key {
  offset segment;
  std::uint64_t hash = 0;  // of the topics; or of the text
  std::string text;
  friend bool operator==(const places_key&, const places_key&) = default;
};

// Where the records of these topics stand in that segment, all in their order.
struct topic_places {
  enum class state : std::uint8_t {
    listed,   // `entries`, from the segment's topics file: all that there are
    chained,  // `positions`, from its chains: those in [low, high)
    unknown,  // it is to be read through, below `to`
  };
  topic_places::state state = state::unknown;
  std::vector<topic_entry> entries;
  std::vector<std::uint32_t> positions;
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  offset to;
  base::monotonic_ms until{~std::uint64_t{0}};  // unknown: it may be found out then

  likely_size likely;  // of the listed
  // Of the listed, some that were read already: entries[first_ready] and behind.
  std::size_t first_ready = 0;
  std::vector<record::batch_ref> ready;
  bool failed = false;  // the one behind those cannot be read so

  std::size_t bytes() const;
};

// What was found out about topics lately, for the readers that go on with it. One thread. Invariant: what somebody
// waits for stays until it was found once, or until so many others were asked for in vain that nobody waits any more;
// with those it may have more than its bound.
class places_cache {
 public:
  explicit places_cache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // Null when it is not here.
  topic_places* find(const places_key& key);
  // In the place of what was known. The result is valid until the next call.
  topic_places& keep(const places_key& key, topic_places&& places, bool is_awaited);
  // All of a segment.
  void forget(offset segment);
  // Those that somebody waits for.
  std::size_t awaited();
  // Another question could not be answered.
  void count_miss() { ++misses_; }

 private:
  struct held {
    places_key key;
    topic_places places;
    std::size_t bytes = 0;
    bool awaited = false;
  };
  struct key_hash {
    std::size_t operator()(const places_key& key) const;
  };
  using place = std::list<held>::iterator;
  void found(held& one);
  void erase(place at);
  void make_room();

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::list<held> all_;  // the last used first
  std::unordered_map<places_key, place, key_hash> by_key_;
  // Those that were awaited when they came, with misses_ then; some were found since.
  struct waiting {
    places_key key;
    std::uint64_t since = 0;
  };
  std::deque<waiting> waiting_;
  std::size_t awaited_ = 0;
  std::uint64_t misses_ = 0;
};

}  // namespace headgate::broker::log
