#pragma once

#include <cstdint>

namespace headgate::loadtest::core {

// How much memory something may hold, and how much it does: who allocates asks first. One thread.
class memory_budget {
 public:
  explicit memory_budget(std::uint64_t limit) : limit_(limit) {}

  // False, and nothing is taken, when that is more than there is left.
  bool take(std::uint64_t bytes) {
    if (held_ > limit_ || bytes > limit_ - held_) return false;
    take_anyway(bytes);
    return true;
  }
  // What cannot be done without.
  void take_anyway(std::uint64_t bytes) {
    held_ += bytes;
    if (held_ > most_) most_ = held_;
  }
  void give(std::uint64_t bytes) { held_ -= bytes; }

  std::uint64_t held() const { return held_; }
  std::uint64_t most() const { return most_; }  // that was ever held
  std::uint64_t limit() const { return limit_; }

 private:
  std::uint64_t limit_;
  std::uint64_t held_ = 0;
  std::uint64_t most_ = 0;
};

}  // namespace headgate::loadtest::core
