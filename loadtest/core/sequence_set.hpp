#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "loadtest/core/memory_budget.hpp"

namespace headgate::loadtest::core {

// Sequence numbers from … to, to excluded.
struct sequence_range {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  friend bool operator==(const sequence_range&, const sequence_range&) = default;
};

// A set of sequence numbers, kept as ranges. One thread.
//
// 1. Its ranges are sorted, not empty, and do not touch.
// 2. Adding at the upper end and removing at either end take constant time; elsewhere a search and a move.
// 3. Its memory comes out of a budget, always the same one. What needs more than there is left is not done; what was in
//    the set stays. To give the memory back, clear() it; a set of few ranges keeps what it has when it becomes empty.
class sequence_set {
 public:
  bool empty() const { return head_ == ranges_.size(); }
  std::span<const sequence_range> ranges() const { return std::span(ranges_).subspan(head_); }
  std::uint64_t count() const;
  bool contains(std::uint64_t sequence) const;
  // The range that holds it; null: none does.
  const sequence_range* range_of(std::uint64_t sequence) const;

  // False, and nothing has changed, when one more range has to be remembered and there is no memory for it. Numbers
  // next to a range never need any.
  bool add(std::uint64_t from, std::uint64_t to, memory_budget& memory);
  // The same: taking numbers out of the middle of a range makes two. What reaches an end of its range needs no memory.
  bool remove(std::uint64_t from, std::uint64_t to, memory_budget& memory);
  void clear(memory_budget& memory);

  std::uint64_t size_bytes() const { return ranges_.capacity() * sizeof(sequence_range); }

 private:
  std::size_t first_reaching(std::uint64_t sequence) const;  // index of the first range with `to` above it
  bool make_room(memory_budget& memory);
  bool insert(std::size_t at, sequence_range range, memory_budget& memory);
  void erase(std::size_t from, std::size_t to, memory_budget& memory);

  std::vector<sequence_range> ranges_;
  std::size_t head_ = 0;  // ranges before it are gone
};

// What is in both; what is in `from` and not in `without`. Both are sorted and disjoint, and so is `out`, which is
// another vector and overwritten.
void intersect(std::span<const sequence_range> a, std::span<const sequence_range> b, std::vector<sequence_range>& out);
void subtract(std::span<const sequence_range> from, std::span<const sequence_range> without,
              std::vector<sequence_range>& out);

}  // namespace headgate::loadtest::core
