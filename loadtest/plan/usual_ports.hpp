#pragma once

#include "loadtest/core/plan.hpp"

namespace headgate::loadtest::plan {

inline constexpr std::uint16_t usual_port = 1883;
inline constexpr std::uint16_t usual_tls_port = 8883;

// Gives the plan's targets that have no port the one that servers usually have.
inline void set_usual_ports(core::plan& plan) {
  for (auto& target : plan.targets) {
    if (target.port == 0) target.port = plan.tls.enabled ? usual_tls_port : usual_port;
  }
}

}  // namespace headgate::loadtest::plan
