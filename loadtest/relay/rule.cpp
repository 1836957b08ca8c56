#include "loadtest/relay/rule.hpp"

#include <array>

namespace headgate::loadtest::relay {

namespace {

constexpr std::array<const char*, fault_kinds> kind_names = {
    "drop", "duplicate", "swap", "corrupt", "cut", "delay", "stall", "throttle", "half-close", "refuse", "black-hole"};

constexpr std::array<const char*, 16> type_names = {
    "packet",    "CONNECT", "CONNACK",     "PUBLISH",  "PUBACK",  "PUBREC",   "PUBREL",     "PUBCOMP",
    "SUBSCRIBE", "SUBACK",  "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"};

std::string words_of(const selector& connections) {
  switch (connections.what) {
    case selector::kind::all:
      return "of all connections";
    case selector::kind::number:
      return "of connection " + std::to_string(connections.number);
    case selector::kind::client:
      return "of client '" + connections.client_id + "'";
  }
  return {};
}

std::string words_of_directions(const rule& what) {
  return what.up && what.down ? "" : what.up ? " up" : " down";
}

std::string duration(std::uint64_t time_ns) {
  if (time_ns == for_ever) return "until it is cleared";
  if (time_ns % 1'000'000'000 == 0) return std::to_string(time_ns / 1'000'000'000) + "s";
  if (time_ns % 1'000'000 == 0) return std::to_string(time_ns / 1'000'000) + "ms";
  return std::to_string(time_ns / 1000) + "us";
}

std::string packet_name(std::uint16_t types) {
  for (std::size_t type = 1; type < type_names.size(); ++type) {
    if (types == 1U << type) return type_names[type];
  }
  return type_names[0];
}

// "the next PUBLISH", "PUBLISH 5000 and the 2 after it", "each PUBLISH", "each 10th PUBLISH".
std::string packets_in_words(const rule& what) {
  const auto packet = packet_name(what.types);
  std::string text;
  if (what.every > 1) {
    text = "each " + std::to_string(what.every) + "th " + packet;
  } else if (what.times == 0) {
    text = "each " + packet;
  } else if (what.probability < 1) {
    text = packet;
  } else if (what.first > 1) {
    text = packet + " " + std::to_string(what.first);
    if (what.times > 1) text += " and the " + std::to_string(what.times - 1) + " after it";
  } else {
    text = "the next " + (what.times > 1 ? std::to_string(what.times) + " " : "") + packet;
  }
  text += words_of_directions(what);
  if (!what.filter.empty()) text += " on '" + what.filter + "'";
  if (what.probability < 1) text += " with probability " + std::to_string(what.probability);
  if (what.times > 0 && (what.every > 1 || what.probability < 1)) {
    text += ", " + std::to_string(what.times) + " times at most";
  }
  if (what.each) text += ", counted for each connection and direction";
  return text;
}

std::string stall_in_words(const rule& what) {
  std::string text = " " + duration(what.time_ns);
  if (what.every_ns > 0) text += " every " + duration(what.every_ns);
  return text;
}

std::string details_of(const rule& what) {
  switch (what.kind) {
    case fault_kind::drop:
    case fault_kind::duplicate:
    case fault_kind::swap:
      return " " + packets_in_words(what);
    case fault_kind::cut:
      return " at " + packets_in_words(what);
    case fault_kind::corrupt:
      return (what.corrupts_topic ? " the topic of " : " the payload of ") + packets_in_words(what);
    case fault_kind::delay: {
      const auto jitter = what.jitter_ns > 0 ? " jitter " + duration(what.jitter_ns) : "";
      return " " + duration(what.time_ns) + jitter + words_of_directions(what);
    }
    case fault_kind::stall:
      return stall_in_words(what) + words_of_directions(what);
    case fault_kind::throttle: {
      return " to " + std::to_string(what.bytes_per_second) + " bytes a second" + words_of_directions(what);
    }
    case fault_kind::refuse: {
      return what.times == 0 ? " each new connection" : " the next " + std::to_string(what.times) + " connections";
    }
    case fault_kind::half_close:
    case fault_kind::black_hole:
      return words_of_directions(what);
  }
  return {};
}

}  // namespace

const char* name_of(fault_kind kind) {
  return kind_names[static_cast<std::size_t>(kind)];
}

std::optional<fault_kind> fault_kind_of(std::string_view name) {
  for (std::size_t n = 0; n < kind_names.size(); ++n) {
    if (name == kind_names[n]) return static_cast<fault_kind>(n);
  }
  return std::nullopt;
}

const char* name_of(mqtt::packet_type type) {
  return type_names[static_cast<std::size_t>(type) % type_names.size()];
}

bool selector::matches(const identity& whose) const {
  switch (what) {
    case kind::all:
      return true;
    case kind::number:
      return whose.number == number;
    case kind::client:
      break;
  }
  if (whose.speaks != identity::protocol::mqtt) return false;
  if (!client_id.ends_with('*')) return whose.client_id == client_id;
  return std::string_view(whose.client_id).starts_with(std::string_view(client_id).substr(0, client_id.size() - 1));
}

std::string describe(const rule& what) {
  return name_of(what.kind) + details_of(what) + ", " + words_of(what.connections);
}

}  // namespace headgate::loadtest::relay
