#include <sys/prctl.h>

#include <cstdio>
#include <exception>

#include "probe_runs.hpp"

namespace headgate::bench {

namespace {

run_result run(const options& chosen) {
  if (chosen.workload == "idle") return run_idle(chosen);
  if (chosen.workload == "connects") return run_connects(chosen);
  fleet clients(chosen);
  const auto load = chosen.workload == "pairs"    ? make_pairs(clients, chosen)
                    : chosen.workload == "fanout" ? make_fanout(clients, chosen)
                    : chosen.workload == "fanin"  ? make_fanin(clients, chosen)
                                                  : make_latency(clients, chosen);
  return run_steadily(*load, clients, chosen);
}

json_object describe(const options& chosen) {
  json_object text;
  text.add("generator", std::string_view{"headgate-bench-generator 1"});
  text.add("workload", std::string_view{chosen.workload});
  text.add("protocol", std::string_view{chosen.version == mqtt::version::v5 ? "MQTT 5" : "MQTT 3.1.1"});
  text.add("qos", static_cast<std::uint64_t>(chosen.qos));
  text.add("payload", std::uint64_t{chosen.payload_size});
  text.add("window", std::uint64_t{chosen.window});
  text.add("pairs", std::uint64_t{chosen.pairs});
  text.add("topics_per_pair", std::uint64_t{chosen.topics_per_pair});
  text.add("publishers", std::uint64_t{chosen.publishers});
  text.add("subscribers", std::uint64_t{chosen.subscribers});
  text.add("rate", std::uint64_t{chosen.rate});
  text.add("in_flight", std::uint64_t{chosen.in_flight});
  text.add("warm_up_s", chosen.warm_up_s);
  return text;
}

}  // namespace

}  // namespace headgate::bench

int main(int count, char** arguments) {
  const auto chosen = headgate::bench::parse_options(count, arguments);
  // The default of 50 µs would make every message of the latency workload late.
  prctl(PR_SET_TIMERSLACK, 1);
  try {
    auto [figures, failure] = headgate::bench::run(chosen);
    figures.add("options", headgate::bench::describe(chosen));
    std::printf("%s\n", figures.text().c_str());
    if (failure.empty()) return 0;
    std::fprintf(stderr, "headgate-bench-generator: %s.\n", failure.c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "headgate-bench-generator: %s.\n", error.what());
  }
  return 1;
}
