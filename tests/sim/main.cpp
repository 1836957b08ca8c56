// Runs seeds of the simulation.
//
//   sim --seeds FROM:COUNT [--events N] [--small-log]    every seed; the first that fails is shown with its last steps
//   sim --seed N [--events N] [--small-log] [--trace]    one seed, with its whole trace
//   sim --repeat FROM:COUNT                              every seed twice: both runs have to agree
//
// With --kills the process dies in each run, ten times or more, and starts again: on logs with disks that forget what
// was not synced, with stores that outlive it. The whole of it, as a release is measured: sim --kills --seeds 1:5000.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <CLI/CLI.hpp>

#include "tests/sim/run_state.hpp"

namespace {

using namespace headgate::sim;

std::uint64_t running_seed = 0;
const char* running_mode = "";

// A failed assertion ends the process: it should say where.
void on_abort(int) {
  std::fprintf(stderr, "sim: seed %llu: an assertion failed. Replay: sim --seed %llu%s --trace\n",
               static_cast<unsigned long long>(running_seed), static_cast<unsigned long long>(running_seed),
               running_mode);
}

struct range {
  std::uint64_t from = 1;
  std::uint64_t count = 1;
};

range parse(const std::string& text) {
  range parsed;
  const auto colon = text.find(':');
  parsed.from = std::stoull(text.substr(0, colon));
  if (colon != std::string::npos) parsed.count = std::stoull(text.substr(colon + 1));
  return parsed;
}

void print(const std::deque<std::string>& lines) {
  for (const auto& line : lines) std::printf("%s\n", line.c_str());
}

int report(run_options options, const violation& found, bool whole) {
  std::deque<std::string> lines;
  if (options.trace_lines == 0) {
    options.trace_lines = 60;
    try {
      run_seed(options, lines);
    } catch (const violation&) {
    }
    if (!whole) print(lines);
  }
  std::printf("sim: seed %llu: %s\nReplay: sim --seed %llu --events %u%s%s --trace\n",
              static_cast<unsigned long long>(options.seed), found.what(),
              static_cast<unsigned long long>(options.seed), options.events, options.small_log ? " --small-log" : "",
              options.kills ? " --kills" : "");
  return 1;
}

int run_one(run_options options) {
  std::deque<std::string> lines;
  try {
    const auto result = run_seed(options, lines);
    print(lines);
    std::printf("seed %llu: %u events, %u disconnections, %u faults, %u messages, %u deliveries, trace %016llx\n",
                static_cast<unsigned long long>(options.seed), result.events, result.disconnections, result.faults,
                result.messages, result.deliveries, static_cast<unsigned long long>(result.hash));
    return 0;
  } catch (const violation& found) {
    print(lines);
    return report(options, found, true);
  }
}

int run_all(run_options options, range seeds, bool twice) {
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t events = 0, disconnections = 0, faults = 0, messages = 0, deliveries = 0;
  std::uint64_t losses = 0, hash = 0;
  for (std::uint64_t n = 0; n < seeds.count; ++n) {
    options.seed = running_seed = seeds.from + n;
    std::deque<std::string> lines;
    try {
      const auto result = run_seed(options, lines);
      if (twice && run_seed(options, lines).hash != result.hash) throw violation("two runs of one seed differ");
      events += result.events;
      disconnections += result.disconnections;
      faults += result.faults;
      messages += result.messages;
      deliveries += result.deliveries;
      losses += result.losses;
      hash = hash * 31 + result.hash;
    } catch (const violation& found) {
      return report(options, found, false);
    }
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf(
      "%llu seeds in %.1f s (%.1f ms each): %llu events, %llu disconnections, %llu faults, %llu messages, "
      "%llu deliveries, %llu runs with losses, trace %016llx\n",
      static_cast<unsigned long long>(seeds.count), seconds.count(),
      1000 * seconds.count() / static_cast<double>(seeds.count), static_cast<unsigned long long>(events),
      static_cast<unsigned long long>(disconnections), static_cast<unsigned long long>(faults),
      static_cast<unsigned long long>(messages), static_cast<unsigned long long>(deliveries),
      static_cast<unsigned long long>(losses), static_cast<unsigned long long>(hash));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A seeded simulation of the whole process");
  run_options options;
  std::string seeds, repeat;
  bool traced = false;
  app.add_option("--seeds", seeds, "FROM:COUNT");
  app.add_option("--repeat", repeat, "FROM:COUNT, each twice");
  app.add_option("--seed", options.seed, "one seed");
  app.add_option("--events", options.events, "events of a run, at least");
  app.add_flag("--small-log", options.small_log, "logs that drop: losses have to be counted");
  app.add_flag("--kills", options.kills, "the process dies and starts again");
  app.add_flag("--trace", traced, "print what happens");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGABRT, on_abort);
  if (options.kills) running_mode = " --kills";
  if (!seeds.empty()) return run_all(options, parse(seeds), false);
  if (!repeat.empty()) return run_all(options, parse(repeat), true);
  running_seed = options.seed;
  if (traced) options.trace_lines = 10'000'000;
  return run_one(options);
}
