#include <algorithm>
#include <optional>

#include "loadtest/plan/findings.hpp"
#include "loadtest/plan/kind.hpp"

namespace headgate::loadtest::plan {

namespace {

std::string shown(std::uint64_t time_ns) {
  return durations(0, core::for_ever).show(time_ns);
}

// How long a ramp takes that comes before everybody warms up; a server that lets clients wait makes it longer.
std::uint64_t longest_ramp_ns(const core::plan& plan) {
  double longest = 0;
  for (const auto& group : plan.groups) {
    if (group.connect.at_ns == 0 && group.connect.rate > 0 && !group.connect.expects_refusal)
      longest = std::max(longest, group.clients / group.connect.rate);
  }
  constexpr double longest_known = 1e9;
  return static_cast<std::uint64_t>(std::min(longest, longest_known) * static_cast<double>(core::second_ns));
}

// When it is over, from the start of the run, but for the time that a server takes to answer; nothing where messages
// decide it. Sums of times stay far below 64 bits: each is at most 1,000 h.
std::optional<std::uint64_t> end_of(const core::plan& plan) {
  constexpr std::uint64_t any = 1'000'000ULL * core::second_ns * 1'000;
  const auto& measuring = plan.measuring;
  if (measuring.warm_up_messages > 0 || measuring.warm_up_ns > any || measuring.duration_ns > any) return std::nullopt;
  return longest_ramp_ns(plan) + measuring.warm_up_ns + measuring.duration_ns;
}

std::string over_by_then(const core::plan& plan, std::uint64_t at_ns, std::uint64_t end_ns) {
  const auto ramp_ns = longest_ramp_ns(plan);
  return "it is " + shown(at_ns) + ", and the run is over after " + shown(end_ns) + " (" +
         (ramp_ns > 0 ? "connecting " + shown(ramp_ns) + ", " : "") + "warm_up " + shown(plan.measuring.warm_up_ns) +
         ", duration " + shown(plan.measuring.duration_ns) + "): take an earlier time, or a longer duration";
}

void check_event(const core::plan& plan, std::size_t number, std::optional<std::uint64_t> end_ns,
                 const findings& found) {
  const auto& event = plan.events[number];
  const auto key = "events." + std::to_string(number) + ".at";
  if (end_ns && event.at_ns >= *end_ns) return found.add(key, over_by_then(plan, event.at_ns, *end_ns));
  if (event.group >= plan.groups.size()) return;
  const auto& group = plan.groups[event.group];
  if (event.at_ns > group.connect.at_ns) return;
  found.add(key, "it is " + shown(event.at_ns) + ", and nobody of group " + group.name +
                     " is connected by then: the first of them are called at " + shown(group.connect.at_ns) +
                     ", so take a later time");
}

}  // namespace

void check_times_of_run(const core::plan& plan, const findings& found) {
  const auto end_ns = end_of(plan);
  for (const auto& group : plan.groups) {
    if (end_ns && group.connect.at_ns >= *end_ns) {
      found.add("groups." + group.name + ".connect.at", over_by_then(plan, group.connect.at_ns, *end_ns));
    }
  }
  for (std::size_t number = 0; number < plan.events.size(); ++number) check_event(plan, number, end_ns, found);
}

}  // namespace headgate::loadtest::plan
