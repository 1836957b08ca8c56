#pragma once

#include "base/time.hpp"

namespace headgate::net {

class system_clock final : public base::clock {
 public:
  base::instant now() override;
  std::uint64_t monotonic_ns() override;
};

}  // namespace headgate::net
