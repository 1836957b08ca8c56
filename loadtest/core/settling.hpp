#pragma once

#include "loadtest/core/fleet.hpp"

// How a run ends: nobody publishes any more, what is under way arrives, the audit judges, everybody leaves.
namespace headgate::loadtest::core {

// How often what nobody tells of is looked at.
inline constexpr std::uint64_t look_ns = 50'000'000;

void enter(fleet& fleet, phase next, std::uint64_t now_ns);
// If the run is measuring.
void end_measuring(fleet& fleet, std::uint64_t now_ns);
// Ends measuring. Who is away comes back, and stays.
void begin_settling(fleet& fleet, std::uint64_t now_ns);
// Lets the audit judge. `has_waited`: for those who are away; then it is a failure that they did not come back.
void begin_leaving_all(fleet& fleet, std::uint64_t now_ns, bool has_waited = false);

void step_settling(fleet& fleet, std::uint64_t now_ns);
void step_leaving(fleet& fleet, std::uint64_t now_ns);

}  // namespace headgate::loadtest::core
