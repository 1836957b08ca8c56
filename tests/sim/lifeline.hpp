#pragma once

#include <cstdint>

namespace headgate::sim {

// The life of the process. All that leaves it is an effect: a call to a disk, a record at the session store, a packet.
// After the last of them nothing leaves it any more, whatever it still does: so kill -9 falls between any two effects,
// also within a turn, and the run looks only afterwards.
class lifeline {
 public:
  void begin() { left_ = for_ever; }
  void end() { left_ = 0; }
  void end_after(std::uint32_t effects) { left_ = effects; }

  bool is_over() const { return left_ == 0; }
  bool is_ending() const { return left_ != for_ever; }
  // One more effect; false: it is no more.
  bool spend() {
    if (left_ == 0) return false;
    if (left_ != for_ever) --left_;
    return true;
  }

 private:
  static constexpr std::uint32_t for_ever = 0xffff'ffff;
  std::uint32_t left_ = for_ever;
};

}  // namespace headgate::sim
