#pragma once

#include "loadtest/core/fleet.hpp"

// How a run goes from its beginning to its end.
namespace headgate::loadtest::core {

void step_phase(fleet& fleet, std::uint64_t now_ns);
// When step_phase() has something to do although nothing happens.
std::uint64_t next_phase_ns(const fleet& fleet, std::uint64_t now_ns);

// Takes the run's results, once it is over; what only the rim knows (CPU, memory) is left out.
results take_results(fleet& fleet, std::uint64_t now_ns);
// `before`: the counters at the last call, `before_ns` its time.
progress progress_of(const fleet& fleet, const counters& before, std::uint64_t before_ns, std::uint64_t now_ns);

}  // namespace headgate::loadtest::core
