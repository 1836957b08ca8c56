#include "loadtest/relay/pacer.hpp"

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"
#include "base/random.hpp"

namespace headgate::loadtest::relay {

namespace {

constexpr std::uint64_t never = ~std::uint64_t{0};
constexpr double burst_s = 0.05;
constexpr double least_step_s = 0.01;  // a throttled connection is not served more often than that

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  return a > never - b ? never : a + b;
}

// The end of the stall that covers `at_ns`, or `at_ns`.
std::uint64_t end_of(const stalling& stall, std::uint64_t at_ns) {
  if (at_ns < stall.begin_ns) return at_ns;
  const auto since = at_ns - stall.begin_ns;
  const auto begin_ns = stall.every_ns > 0 ? at_ns - since % stall.every_ns : stall.begin_ns;
  return std::max(at_ns, sum(begin_ns, stall.length_ns));
}

}  // namespace

void pacer::set(const pacing& pace, std::uint64_t now_ns) {
  const bool has_new_throttle = pace.bytes_per_second != pace_.bytes_per_second;
  pace_ = pace;
  if (has_new_throttle) {
    earned_ = most_earned();
    earned_at_ns_ = now_ns;
  }
}

void pacer::push(base::bytes data, std::uint64_t now_ns) {
  if (data.empty()) return;
  pool_.append(buffer_, data);
  pushed_ += data.size();
  const bool has_others = next_chunk_ < chunks_.size();
  if (pace_.delay_ns == 0 && pace_.jitter_ns == 0 && !has_others) {
    due_ = pushed_;
    return;
  }
  auto due_ns = sum(now_ns, pace_.delay_ns);
  if (pace_.jitter_ns > 0) {
    random_ = base::random_source(random_).next();
    due_ns = sum(due_ns, pace_.jitter_ns == never ? random_ : random_ % (pace_.jitter_ns + 1));
  }
  if (has_others) due_ns = std::max(due_ns, chunks_.back().due_ns);
  if (has_others && chunks_.back().due_ns == due_ns) {
    chunks_.back().end = pushed_;
  } else {
    chunks_.push_back({pushed_, due_ns});
  }
}

double pacer::most_earned() const {
  return std::max(1.0, static_cast<double>(pace_.bytes_per_second) * burst_s);
}

void pacer::earn(std::uint64_t now_ns) {
  if (now_ns <= earned_at_ns_) return;
  const auto seconds = static_cast<double>(now_ns - earned_at_ns_) / 1e9;
  earned_ = std::min(most_earned(), earned_ + seconds * static_cast<double>(pace_.bytes_per_second));
  earned_at_ns_ = now_ns;
}

std::uint64_t pacer::end_of_stalls(std::uint64_t from_ns) const {
  // A stall may begin in another one; those that cover all of the time between them end this by going far enough.
  constexpr int most_rounds = 100;
  auto at_ns = from_ns;
  for (int round = 0; round < most_rounds; ++round) {
    const auto before_ns = at_ns;
    for (const auto& each : pace_.stalls) at_ns = end_of(each, at_ns);
    if (at_ns == before_ns) break;
  }
  return at_ns;
}

base::bytes pacer::ready(std::uint64_t now_ns) {
  while (next_chunk_ < chunks_.size() && chunks_[next_chunk_].due_ns <= now_ns) due_ = chunks_[next_chunk_++].end;
  if (next_chunk_ == chunks_.size()) {
    chunks_.clear();
    next_chunk_ = 0;
  } else if (next_chunk_ > 64 && next_chunk_ > chunks_.size() / 2) {
    chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(next_chunk_));
    next_chunk_ = 0;
  }
  if (!pace_.stalls.empty() && end_of_stalls(now_ns) != now_ns) return {};
  auto size = static_cast<std::size_t>(due_ - sent_);
  if (pace_.bytes_per_second > 0) {
    earn(now_ns);
    size = std::min(size, static_cast<std::size_t>(earned_));
  }
  return buffer_.bytes().first(size);
}

void pacer::consume(std::size_t size) {
  HEADGATE_ASSERT(size <= due_ - sent_);
  sent_ += size;
  if (pace_.bytes_per_second > 0) earned_ -= static_cast<double>(size);
  buffer_.begin += static_cast<std::uint32_t>(size);
  if (buffer_.empty()) pool_.give_back(buffer_);
}

std::uint64_t pacer::next_ns(std::uint64_t now_ns) const {
  if (buffer_.empty()) return never;
  auto at_ns = now_ns;
  if (due_ == sent_ && next_chunk_ < chunks_.size()) at_ns = std::max(at_ns, chunks_[next_chunk_].due_ns);
  if (pace_.bytes_per_second > 0) {
    const auto rate = static_cast<double>(pace_.bytes_per_second);
    const auto wanted = std::min(static_cast<double>(buffer_.size()), std::max(1.0, rate * least_step_s));
    const auto wait_s = (wanted - earned_) / rate;
    if (wait_s > 0) at_ns = std::max(at_ns, sum(earned_at_ns_, static_cast<std::uint64_t>(std::ceil(wait_s * 1e9))));
  }
  return pace_.stalls.empty() || at_ns == never ? at_ns : end_of_stalls(at_ns);
}

void pacer::clear() {
  pool_.give_back(buffer_);
  due_ = sent_ = pushed_;
  chunks_.clear();
  next_chunk_ = 0;
}

}  // namespace headgate::loadtest::relay
