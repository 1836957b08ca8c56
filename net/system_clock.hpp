#pragma once

#include "base/time.hpp"

namespace headgate::net {

class system_clock final : public base::clock {
 public:
  base::instant now() override;
};

}  // namespace headgate::net
