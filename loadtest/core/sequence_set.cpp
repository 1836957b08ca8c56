#include "loadtest/core/sequence_set.hpp"

#include <algorithm>

namespace headgate::loadtest::core {

namespace {

// A set that becomes empty keeps so many ranges of memory for the next ones.
constexpr std::size_t kept_when_empty = 16;

std::ptrdiff_t offset(std::size_t index) {
  return static_cast<std::ptrdiff_t>(index);
}

}  // namespace

std::uint64_t sequence_set::count() const {
  std::uint64_t sum = 0;
  for (const sequence_range& range : ranges()) sum += range.to - range.from;
  return sum;
}

std::size_t sequence_set::first_reaching(std::uint64_t sequence) const {
  if (empty() || ranges_.back().to <= sequence) return ranges_.size();
  const auto begin = ranges_.begin() + offset(head_);
  if (begin->to > sequence) return head_;
  const auto found = std::ranges::upper_bound(begin, ranges_.end(), sequence, {},
                                              [](const sequence_range& range) { return range.to; });
  return static_cast<std::size_t>(found - ranges_.begin());
}

const sequence_range* sequence_set::range_of(std::uint64_t sequence) const {
  const std::size_t at = first_reaching(sequence);
  return at < ranges_.size() && ranges_[at].from <= sequence ? &ranges_[at] : nullptr;
}

bool sequence_set::contains(std::uint64_t sequence) const {
  return range_of(sequence) != nullptr;
}

bool sequence_set::make_room(memory_budget& memory) {
  if (ranges_.size() < ranges_.capacity()) return true;
  if (head_ > ranges_.size() / 4) {
    ranges_.erase(ranges_.begin(), ranges_.begin() + offset(head_));
    head_ = 0;
    return true;
  }
  const std::uint64_t before = size_bytes();
  const std::size_t wanted = std::max<std::size_t>(2, 2 * ranges_.capacity());
  if (!memory.take(wanted * sizeof(sequence_range))) return false;
  ranges_.reserve(wanted);
  memory.give(before);
  return true;
}

bool sequence_set::insert(std::size_t at, sequence_range range, memory_budget& memory) {
  if (at == head_ && head_ > 0) {
    ranges_[--head_] = range;
    return true;
  }
  const std::size_t place = at - head_;
  if (!make_room(memory)) return false;
  ranges_.insert(ranges_.begin() + offset(head_ + place), range);
  return true;
}

void sequence_set::erase(std::size_t from, std::size_t to, memory_budget& memory) {
  if (from == head_) {
    head_ = to;
  } else {
    ranges_.erase(ranges_.begin() + offset(from), ranges_.begin() + offset(to));
  }
  if (!empty()) return;
  if (ranges_.capacity() > kept_when_empty) {
    clear(memory);
  } else {
    ranges_.clear();
    head_ = 0;
  }
}

void sequence_set::clear(memory_budget& memory) {
  memory.give(size_bytes());
  std::vector<sequence_range>().swap(ranges_);  // to assign {} would keep its memory
  head_ = 0;
}

bool sequence_set::add(std::uint64_t from, std::uint64_t to, memory_budget& memory) {
  if (from >= to) return true;
  if (!empty() && from >= ranges_.back().from && from <= ranges_.back().to) {
    ranges_.back().to = std::max(ranges_.back().to, to);
    return true;
  }
  std::size_t first = from == 0 ? head_ : first_reaching(from - 1);  // a range that ends where this begins is joined
  std::size_t last = first;
  while (last < ranges_.size() && ranges_[last].from <= to) ++last;
  if (first == last) return insert(first, {from, to}, memory);
  ranges_[last - 1] = {std::min(from, ranges_[first].from), std::max(to, ranges_[last - 1].to)};
  erase(first, last - 1, memory);
  return true;
}

bool sequence_set::remove(std::uint64_t from, std::uint64_t to, memory_budget& memory) {
  std::size_t first = first_reaching(from);
  if (from >= to || first == ranges_.size() || ranges_[first].from >= to) return true;
  if (ranges_[first].from < from) {
    const std::uint64_t end = ranges_[first].to;
    // The upper part moves first: only when there is room for it is the lower one cut.
    if (end > to) {
      const std::size_t place = first - head_;
      if (!insert(first + 1, {to, end}, memory)) return false;
      first = head_ + place;
    }
    ranges_[first].to = from;
    ++first;
  }
  const std::size_t last = first_reaching(to);
  if (last < ranges_.size()) ranges_[last].from = std::max(ranges_[last].from, to);
  erase(first, std::max(first, last), memory);
  return true;
}

void intersect(std::span<const sequence_range> a, std::span<const sequence_range> b, std::vector<sequence_range>& out) {
  out.clear();
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() && right != b.end()) {
    const sequence_range common{std::max(left->from, right->from), std::min(left->to, right->to)};
    if (common.from < common.to) out.push_back(common);
    left->to < right->to ? void(++left) : void(++right);
  }
}

void subtract(std::span<const sequence_range> from, std::span<const sequence_range> without,
              std::vector<sequence_range>& out) {
  out.clear();
  auto hole = without.begin();
  for (sequence_range rest : from) {
    while (hole != without.end() && hole->to <= rest.from) ++hole;
    for (auto next = hole; next != without.end() && next->from < rest.to; ++next) {
      if (rest.from < next->from) out.push_back({rest.from, next->from});
      rest.from = std::min(rest.to, next->to);
    }
    if (rest.from < rest.to) out.push_back(rest);
  }
}

}  // namespace headgate::loadtest::core
