#include <algorithm>
#include <cmath>
#include <cstdio>

#include "loadtest/run/doctor_checks.hpp"

namespace headgate::loadtest::run {

namespace {

// What is late by more than this shows in latencies.
constexpr double most_late_ns = 500'000;
// Reading a counter of the processor takes some tens; asking a device or the kernel, a thousand.
constexpr double most_clock_read_ns = 250;
constexpr const char* slow_clocks[] = {"hpet", "acpi_pm", "jiffies", "refined-jiffies", "pit"};
// In the order in which one would take them.
constexpr const char* fast_clocks[] = {"tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page"};
constexpr const char* clock_folder = "/sys/devices/system/clocksource/clocksource0/";

std::string with_one_decimal(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", number);
  return text;
}

std::vector<std::string> take_another_clock(const machine_facts& facts) {
  for (const auto* fast : fast_clocks) {
    const bool can_be_had =
        fast != facts.clock_source &&
        std::find(facts.clock_sources.begin(), facts.clock_sources.end(), fast) != facts.clock_sources.end();
    if (can_be_had) return {"echo " + std::string(fast) + " > " + clock_folder + "current_clocksource"};
  }
  return {"boot with tsc=reliable, or take another kind of machine: no fast clock can be had here (" +
          std::string(clock_folder) + "available_clocksource)"};
}

}  // namespace

check check_clock(const machine_facts& facts, const wanted_load&) {
  const auto cost = static_cast<std::uint64_t>(std::llround(std::max(facts.clock_read_ns, 0.0)));
  check done{
      check::judgement::good,
      "clock",
      (facts.clock_source.empty() ? "unknown" : facts.clock_source) + ", and reading it takes " + grouped(cost) + " ns",
      {}};
  const bool is_slow =
      std::find(std::begin(slow_clocks), std::end(slow_clocks), facts.clock_source) != std::end(slow_clocks);
  if (is_slow) {
    done.judged = check::judgement::mend;
    done.mends = take_another_clock(facts);
  } else if (facts.clock_read_ns > most_clock_read_ns) {
    done.judged = check::judgement::note;
    done.found += ", which is much: the kernel is asked each time, or this machine is busy";
  }
  return done;
}

check check_timers(const machine_facts& facts, const wanted_load&) {
  const auto late = static_cast<std::uint64_t>(std::llround(std::max(facts.timer_late_ns, 0.0) / 1000));
  check done{check::judgement::good,
             "timers",
             "come " + grouped(late) + " µs late (a run sets its timer slack to the least itself)",
             {}};
  if (facts.timer_late_ns > most_late_ns) {
    done.judged = check::judgement::note;
    done.found += ", so messages of a schedule leave late: this machine is busy, or its kernel has no fine timers";
  }
  return done;
}

check check_cores(const machine_facts& facts, const wanted_load& load) {
  check done{check::judgement::good,
             "cores",
             grouped(facts.cores) + (facts.cores == 1 ? " is" : " are") + " there, and " +
                 with_one_decimal(facts.load) + " were busy in the last minute",
             {}};
  // The generator has one thread, and the server should have one of its own.
  const double wanted = load.is_local ? 2 : 1;
  if (facts.cores < wanted) {
    done.judged = check::judgement::note;
    done.found += ": generator and server share one, so that each slows the other";
  } else if (facts.load > facts.cores - wanted + 0.5) {
    done.judged = check::judgement::note;
    done.found += ": others take from what is measured";
  }
  return done;
}

}  // namespace headgate::loadtest::run
