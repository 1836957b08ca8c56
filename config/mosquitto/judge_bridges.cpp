#include <algorithm>
#include <set>

#include "config/mosquitto/verdict.hpp"

namespace headgate::config::mosquitto {

namespace {

std::string address_of(const std::vector<new_listener>& listeners) {
  const auto served = [](const new_listener& one) { return one.left_out_for.empty(); };
  const auto found = std::ranges::find_if(listeners, served);
  if (found == listeners.end()) return "127.0.0.1:PORT";
  const bool every = found->bind == "0.0.0.0" || found->bind == "::";
  return (every ? "127.0.0.1" : found->bind) + ":" + std::to_string(found->port);
}

std::string without_quotes(const std::string& prefix) {
  return prefix == "\"\"" ? "" : prefix;
}

// The same messages between the mosquitto that keeps the bridge and Headgate: what goes out to the remote server comes
// in from Headgate. The topic has the local prefix, and is given as it is.
std::string mirrored(const option_line& line) {
  const auto parts = words(line.value);
  const auto part = [&](std::size_t n) { return n < parts.size() ? parts[n] : ""; };
  const auto topic = without_quotes(part(3)) + without_quotes(part(0));
  const auto direction = part(1) == "both" ? "both" : part(1) == "in" ? "out" : "in";
  return "topic " + printable(topic) + " " + direction + " " + (part(2).empty() ? "0" : printable(part(2)));
}

finding of(const old_bridge& bridge, const std::string& headgate, std::uint16_t free_port) {
  finding finding{fate::changes_behaviour, bridge.where, "connection " + printable(bridge.name), "LEFT OUT: ", ""};
  std::string addresses, topics;
  auto last = bridge.where;
  for (const auto& line : bridge.lines) {
    if (line.name.starts_with("address")) addresses += (addresses.empty() ? "" : " ") + printable(line.value);
    if (line.name == "topic") topics += "\n    " + mirrored(line);
    last = line.where;
  }
  finding.what += "Headgate has no bridges of its own yet, and nothing goes to " +
                  (addresses.empty() ? "the other server" : addresses) + " or comes from there";
  finding.by_hand =
      "keep a small mosquitto that does it, with a file of its own: a listener that nobody uses (without "
      "one it would want port 1883), these lines of the old file (" +
      to_string(bridge.where) + " to line " + std::to_string(last.line) +
      "), and a second bridge, to Headgate:\n    listener " + std::to_string(free_port) +
      " 127.0.0.1\n    (the lines of the old file)\n    connection headgate\n    address " + headgate + topics;
  return finding;
}

}  // namespace

std::vector<finding> judge_bridges(const draft& draft, const std::vector<new_listener>& listeners) {
  std::set<std::uint16_t> used;
  for (const auto& listener : listeners) used.insert(listener.port);
  auto free_port = unused_port(used);
  std::vector<finding> findings;
  for (const auto& bridge : draft.bridges) {
    findings.push_back(of(bridge, address_of(listeners), free_port));
    used.insert(free_port);
    free_port = unused_port(used);
  }
  return findings;
}

}  // namespace headgate::config::mosquitto
