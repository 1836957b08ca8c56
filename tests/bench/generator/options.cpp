#include "options.hpp"

#include <CLI/CLI.hpp>
#include <map>

#include "message.hpp"

namespace headgate::bench {

namespace {

void add_shape(CLI::App& app, options& chosen) {
  const std::map<std::string, mqtt::version> versions{{"311", mqtt::version::v3_1_1}, {"5", mqtt::version::v5}};
  app.add_option("--protocol", chosen.version, "MQTT version, 311 or 5")->transform(CLI::CheckedTransformer(versions));
  app.add_option("--qos", chosen.qos, "0 or 1")->check(CLI::Range(0, 1));
  app.add_option("--pairs", chosen.pairs, "pairs, latency: publisher/subscriber pairs")->check(CLI::Range(1, 5'000));
  app.add_option("--topics-per-pair", chosen.topics_per_pair, "pairs: literal topics of each pair")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--subscribes", chosen.subscribes, "pairs: SUBSCRIBEs a second beside, and as many UNSUBSCRIBEs")
      ->check(CLI::Range(0, 100'000));
  app.add_option("--publishers", chosen.publishers, "fanin: publishers")->check(CLI::Range(1, 15'000));
  app.add_option("--subscribers", chosen.subscribers, "fanout: subscribers")->check(CLI::Range(1, 15'000));
  app.add_flag("--own-topics", chosen.own_topics, "fanin: a topic each under a wildcard filter, not one for all");
  app.add_option("--window", chosen.window, "published minus received by the slowest subscriber (0: by workload)")
      ->check(CLI::Range(0, 20'000));
  app.add_option("--payload", chosen.payload_size, "payload in bytes")
      ->check(CLI::Range(static_cast<int>(stamp_size), 65'536));
  app.add_option("--rate", chosen.rate, "latency: messages a second")->check(CLI::Range(1, 1'000'000));
  app.add_option("--seed", chosen.seed, "seed of the order in which topics are published");
  app.add_option("--clients-low", chosen.clients_low, "idle: first measuring point")->check(CLI::Range(1, 19'000));
  app.add_option("--clients-high", chosen.clients_high, "idle: second measuring point")->check(CLI::Range(2, 19'000));
  app.add_flag("--subscribed", chosen.subscribed, "idle: every client subscribes to a topic of its own");
  app.add_option("--in-flight", chosen.in_flight, "connects: connections at a time")->check(CLI::Range(1, 10'000));
}

void add_measuring(CLI::App& app, options& chosen) {
  app.add_option("--warm-up", chosen.warm_up_s, "seconds before measuring");
  app.add_option("--warm-up-messages", chosen.warm_up_messages, "deliveries before measuring, where that takes longer");
  app.add_option("--cpu-seconds", chosen.cpu_seconds, "measure until the server has used so much CPU time");
  app.add_option("--seconds,--max-seconds", chosen.max_seconds, "measure for at most so many seconds")
      ->check(CLI::Range(0.001, 3'600.0));
  app.add_option("--messages", chosen.messages, "measure at most about so many deliveries or connects (0: no limit)");
  app.add_option("--stall-seconds", chosen.stall_seconds, "give up after so long without any progress");
  app.add_option("--server-pid", chosen.server_pid, "process whose CPU time and memory are measured");
  app.add_option("--counters", chosen.counters, "file of the counting library in the server");
  app.add_flag("--announce", chosen.announce, "say on stderr when measuring starts and ends");
}

}  // namespace

options parse_options(int count, char** arguments) {
  options chosen;
  std::string target;
  CLI::App app{"Loads an MQTT server with one workload and prints one JSON object about the run."};
  app.option_defaults()->take_last();
  app.add_option("--workload", chosen.workload, "pairs, fanout, fanin, latency, idle or connects")
      ->required()
      ->check(CLI::IsMember({"pairs", "fanout", "fanin", "latency", "idle", "connects"}));
  app.add_option("--target", target, "host:port of the server, the host as an IPv4 address")->required();
  add_shape(app, chosen);
  add_measuring(app, chosen);
  try {
    app.parse(count, arguments);
    const auto colon = target.rfind(':');
    const int port = colon == std::string::npos ? 0 : std::atoi(target.c_str() + colon + 1);
    if (port < 1 || port > 65'535) throw CLI::ValidationError("--target", "expected host:port");
    chosen.host = target.substr(0, colon);
    chosen.port = static_cast<std::uint16_t>(port);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  if (chosen.window == 0) {
    if (chosen.workload == "fanout") {
      chosen.window = 20;
    } else {
      chosen.window = chosen.qos == mqtt::qos::at_most_once ? 1'000 : 100;
    }
  }
  return chosen;
}

}  // namespace headgate::bench
