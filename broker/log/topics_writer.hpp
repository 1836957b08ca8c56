#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash_index.hpp"
#include "broker/log/topics_file.hpp"
#include "broker/record/layout.hpp"

namespace headgate::broker::log {

// A record and where it stands; the record is whole.
struct placed_record {
  const record::record_header* record = nullptr;
  std::uint32_t position = 0;       // in its segment
  std::uint32_t offset_delta = 0;   // from the segment's first
  std::uint32_t time_delta_ms = 0;  // from the segment's first time
};

// Takes the records of a segment, in order, and writes them by topic. One thread. A record's topic is looked up once,
// when it is added; finish() then knows how long each list will be, and puts every entry where it belongs: nothing is
// sorted but topics. For a segment of a million topics and as many records it takes 150 MB while it lives.
class topics_writer {
 public:
  // `records`: about so many will be added.
  explicit topics_writer(std::size_t records = 0);

  // So many at once at best: what their look-ups need of memory is fetched ahead.
  static constexpr std::size_t group = 16;
  // The records need not live on.
  void add(std::span<const placed_record> records);
  // All bytes of the file. Once.
  std::vector<std::uint8_t> finish();

 private:
  static constexpr std::uint32_t none = base::hash_index::none;
  struct known_name {
    std::uint32_t begin = 0;    // in names_
    std::uint32_t next = none;  // of other_names_, when topics share the hash
    std::uint16_t size = 0;
  };
  struct known_list {
    std::uint64_t hash = 0;
    std::uint32_t entries = 0;
    known_name name;
  };
  // What finish() makes: which lists stand in which part, and where.
  struct arrangement {
    std::uint32_t bits = 0;
    std::vector<std::uint32_t> part_ends;  // in `lists`
    std::vector<std::uint32_t> lists;      // numbers, by hash
    std::vector<std::uint64_t> positions;  // of the parts, and the end
  };

  void prefetch(std::span<const placed_record> records) const;
  std::uint32_t find(const record::record_header& record);
  std::uint32_t add_list(std::uint64_t hash, std::string_view topic);
  void add_name(known_list& list, std::string_view topic);
  known_name keep_name(std::string_view topic);
  std::string_view text_of(const known_name& name) const {
    return std::string_view(names_).substr(name.begin, name.size);
  }
  template <class Visit>
  void for_each_name(const known_list& list, Visit visit) const;

  arrangement arrange() const;
  std::size_t size_of(const known_list& list) const;
  std::vector<std::uint64_t> write_heads(const arrangement& arranged, std::span<std::uint8_t> file) const;
  void write_entries(std::vector<std::uint64_t>& places, std::span<std::uint8_t> file) const;

  // Of each record its entry, and the number of its list.
  std::vector<topic_entry> entries_;
  std::vector<std::uint32_t> list_of_;
  base::hash_index index_;  // of lists_
  std::vector<known_list> lists_;
  std::string names_;
  std::vector<known_name> other_names_;
  std::uint32_t last_ = 0;  // of lists_: the records of a client come one after another
};

}  // namespace headgate::broker::log
