#include "broker/log/crc32c.hpp"

#include <isa-l/crc.h>

#include <algorithm>

namespace headgate::broker::log {

void crc32c::add(base::bytes part) {
  constexpr std::size_t bytes_per_call = 1U << 30;  // it counts them in an int
  while (!part.empty()) {
    const auto now = part.first(std::min(part.size(), bytes_per_call));
    state_ = crc32_iscsi(const_cast<unsigned char*>(now.data()), static_cast<int>(now.size()), state_);
    part = part.subspan(now.size());
  }
}

}  // namespace headgate::broker::log
