#pragma once

#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/hash.hpp"

namespace headgate::sim {

// What a run found wrong: the invariant, with its clause, and the particulars.
struct violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What happened in a run, as a hash (the same seed gives the same) and, only when somebody wants to read it, as text.
class trace {
 public:
  // `lines`: how many of the last lines are kept; 0: none, which costs no time.
  explicit trace(std::size_t lines) : lines_(lines) {}

  bool has_text() const { return lines_ > 0; }
  std::uint64_t hash() const { return hash_; }
  const std::deque<std::string>& text() const { return text_; }
  void at(std::uint32_t step, std::uint64_t now_ms) {
    step_ = step;
    now_ms_ = now_ms;
  }

  void note(std::string_view what, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0) {
    mix(what.size() + (static_cast<std::uint64_t>(what.front()) << 8));
    mix(a + (b << 20) + (c << 40));
    if (has_text())
      say(std::string(what) + ' ' + std::to_string(a) + ' ' + std::to_string(b) + ' ' + std::to_string(c));
  }
  void note_bytes(std::string_view bytes) { mix(base::hash_of(bytes)); }
  // For the text alone.
  void say(const std::string& line) {
    if (!has_text()) return;
    text_.push_back(std::to_string(step_) + " @" + std::to_string(now_ms_ % 100'000'000) + "ms " + line);
    if (text_.size() > lines_) text_.pop_front();
  }

 private:
  void mix(std::uint64_t value) {
    hash_ = (hash_ ^ value) * 0x9e37'79b9'7f4a'7c15ULL;
    hash_ ^= hash_ >> 29;
  }

  std::size_t lines_;
  std::uint64_t hash_ = 0;
  std::deque<std::string> text_;
  std::uint32_t step_ = 0;
  std::uint64_t now_ms_ = 0;
};

}  // namespace headgate::sim
