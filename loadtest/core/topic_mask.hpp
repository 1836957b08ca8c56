#pragma once

#include <cstdint>
#include <vector>

namespace headgate::loadtest::core {

// Which of a publisher's messages an audience is to get: message n goes to topic number order[n % topics] of the
// publisher, and bit n % topics says whether the audience's filters match that. Empty: all.
struct topic_mask {
  std::vector<bool> wanted;
};

// The same as a sorted list of the places that are wanted: the next one, and how many there are, are found by a search.
class mask_table {
 public:
  explicit mask_table(const topic_mask& mask);

  std::uint32_t topics() const { return topics_; }
  bool wants(std::uint64_t sequence) const;
  // The first one from `sequence` on; the highest number when nothing is wanted.
  std::uint64_t next(std::uint64_t sequence) const;
  // How many of from … to, to excluded.
  std::uint64_t count(std::uint64_t from, std::uint64_t to) const;
  std::uint64_t size_bytes() const { return sizeof(mask_table) + places_.capacity() * sizeof(std::uint32_t); }

 private:
  std::uint64_t count_below(std::uint64_t sequence) const;
  std::uint64_t rank(std::uint64_t place) const;  // how many places below it are wanted

  std::uint32_t topics_ = 1;
  std::vector<std::uint32_t> places_;
};

}  // namespace headgate::loadtest::core
