// headgate-bench-flood: opens connections to a server at a rate, each of which sends something malformed, or with
// --valid the same number of bytes as CONNECT and DISCONNECT; prints as JSON how they ended. It ends by itself.

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <exception>
#include <string>

#include "loadtest/run/clocks.hpp"
#include "tests/bench/flood/crowd.hpp"
#include "tests/bench/flood/visit_source.hpp"

namespace {

namespace json = boost::json;
using namespace headgate::bench::flood;
using headgate::loadtest::run::now_ns;

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint64_t between_looks_ns = second_ns / 20;
// So that a server that stands still meets no more than these, and this process its limit of descriptors.
constexpr std::size_t most_open = 12'000;
// When it is late, what has come is handled between these.
constexpr std::uint64_t opened_a_turn = 32;

struct options {
  std::uint16_t port = 0;
  double rate = 3'333;
  double seconds = 60;
  double timeout_s = 10;
  double patience_s = 1;
  std::uint64_t seed = 1;
  std::uint32_t sources = 64;
  bool valid = false;
};

struct course {
  std::uint64_t opening_ns = 0;  // from the first to the last
  std::uint64_t latest_ns = 0;   // the longest that one was opened after it was due
};

std::uint64_t ns_of(double seconds) {
  return static_cast<std::uint64_t>(seconds * static_cast<double>(second_ns));
}

// 127.x.y.1 and up, of which the process decides x and y, so that several at the same time seldom share one.
std::vector<std::string> sources_of(std::uint32_t count) {
  const auto middle = headgate::base::random_source(now_ns()).next() % 0xfffe + 1;
  std::vector<std::string> sources;
  for (std::uint32_t n = 1; n <= count; ++n) {
    sources.push_back("127." + std::to_string(middle >> 8) + "." + std::to_string(middle & 255) + "." +
                      std::to_string(n));
  }
  return sources;
}

// Opens each when it is due, whatever became of those before; then waits for the last.
course run(const options& wanted, crowd& visitors, visit_source& source) {
  const auto total = static_cast<std::uint64_t>(wanted.rate * wanted.seconds);
  const auto begun_ns = now_ns();
  const auto due_ns = [&](std::uint64_t n) { return begun_ns + ns_of(static_cast<double>(n) / wanted.rate); };
  course course;
  auto looked_ns = begun_ns;
  std::uint64_t opened = 0;
  while (opened < total || visitors.open_now() > 0) {
    auto now = now_ns();
    const auto may_open = std::min(total, opened + opened_a_turn);
    for (; opened < may_open && due_ns(opened) <= now && visitors.open_now() < most_open; ++opened) {
      course.latest_ns = std::max(course.latest_ns, now - due_ns(opened));
      visitors.open(wanted.valid ? source.valid() : source.malformed(), now);
      now = now_ns();
      course.opening_ns = now - begun_ns;
    }
    // With no room for another one, what makes room is waited for.
    const bool opens = opened < total && visitors.open_now() < most_open;
    const auto next_ns = opens ? std::max(due_ns(opened), now) - now : between_looks_ns;
    visitors.wait_ns(std::min(next_ns, between_looks_ns));
    now = now_ns();
    visitors.handle(now);
    if (now - looked_ns < between_looks_ns) continue;
    looked_ns = now;
    visitors.expire(now);
  }
  return course;
}

json::object ended_of(const crowd_figures& figures) {
  json::object all;
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    json::object of_kind;
    for (std::size_t outcome = 0; outcome < outcomes; ++outcome) {
      const auto count = figures.ended[kind][outcome];
      if (count > 0) of_kind[name_of(static_cast<headgate::bench::flood::outcome>(outcome))] = count;
    }
    if (!of_kind.empty()) all[name_of(static_cast<headgate::bench::flood::kind>(kind))] = of_kind;
  }
  return all;
}

json::object result_of(const crowd_figures& figures, const course& course) {
  const auto seconds = static_cast<double>(course.opening_ns) / static_cast<double>(second_ns);
  return {{"opened", figures.opened},
          {"opened_per_s", static_cast<double>(figures.opened) / std::max(seconds, 1e-9)},
          {"latest_us", course.latest_ns / 1'000},
          {"bytes", figures.bytes},
          {"most_open", figures.most_open},
          {"closed_p50_us", figures.durations.percentile_ns(0.5) / 1'000},
          {"closed_p99_us", figures.durations.percentile_ns(0.99) / 1'000},
          {"closed_max_us", figures.durations.maximum_ns() / 1'000},
          {"wrong", figures.wrong},
          {"first_wrong", figures.first_wrong},
          {"ended", ended_of(figures)}};
}

int parse_and_run(int argc, char** argv) {
  options wanted;
  CLI::App app("Connections that send something malformed, at a rate, and how the server ends them");
  app.add_option("--port", wanted.port, "the server's, on 127.0.0.1")->required();
  app.add_option("--rate", wanted.rate, "connections a second")->check(CLI::Range(1.0, 1e6));
  app.add_option("--seconds", wanted.seconds, "how long to open them")->check(CLI::Range(0.01, 86'400.0));
  app.add_option("--timeout", wanted.timeout_s, "seconds after which a connection is not waited for");
  app.add_option("--patience", wanted.patience_s, "seconds for which a server that has reason to wait is waited for");
  app.add_option("--seed", wanted.seed, "decides what is sent");
  app.add_option("--sources", wanted.sources, "addresses that connections come from")->check(CLI::Range(1, 254));
  app.add_flag("--valid", wanted.valid, "CONNECT and DISCONNECT of as many bytes instead");
  CLI11_PARSE(app, argc, argv);
  crowd visitors(
      {"127.0.0.1", wanted.port, sources_of(wanted.sources), ns_of(wanted.timeout_s), ns_of(wanted.patience_s)});
  visit_source source(wanted.seed);
  const auto course = run(wanted, visitors, source);
  std::printf("%s\n", json::serialize(result_of(visitors.figures(), course)).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "headgate-bench-flood: %s\n", error.what());
    return 2;
  }
}
