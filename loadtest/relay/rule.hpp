#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "loadtest/relay/direction.hpp"
#include "loadtest/relay/identity.hpp"
#include "mqtt/types.hpp"

namespace headgate::loadtest::relay {

enum class fault_kind : std::uint8_t {
  // Of MQTT packets.
  drop,
  duplicate,
  swap,     // a PUBLISH with the next PUBLISH of its connection and direction
  corrupt,  // one bit of a PUBLISH's payload, or of its topic
  // Of both: at a packet, or at once.
  cut,
  // Of bytes.
  delay,
  stall,
  throttle,
  half_close,
  refuse,
  black_hole,
};
inline constexpr std::size_t fault_kinds = 11;

// "drop", "half-close": as commands and reports have it.
const char* name_of(fault_kind kind);
std::optional<fault_kind> fault_kind_of(std::string_view name);
// "PUBLISH"; "packet" for a number that is none.
const char* name_of(mqtt::packet_type type);

// Which connections.
struct selector {
  enum class kind : std::uint8_t { all, number, client } what = kind::all;
  std::uint64_t number = 0;
  std::string client_id{};  // with a '*' at its end: every client id that begins so

  bool matches(const identity& whose) const;
};

inline constexpr std::uint64_t for_ever = ~std::uint64_t{0};
inline constexpr std::uint16_t every_type = 0xfffe;
constexpr std::uint16_t bit_of(mqtt::packet_type type) {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(type));
}

// One fault that is to be made, once or again and again. A plain struct; which members count depends on the kind.
struct rule {
  fault_kind kind = fault_kind::drop;
  selector connections{};
  bool up = true;
  bool down = true;

  // Faults of packets. A packet that matches in all else is counted. The rule has its turn with the first-th, and from
  // there with each every-th, if the dice say so, until it has made as many faults as it may.
  std::uint16_t types = bit_of(mqtt::packet_type::publish);
  std::string filter{};  // only topics that it matches; empty: any
  bool corrupts_topic = false;
  std::uint64_t first = 1;
  std::uint64_t every = 1;
  double probability = 1;
  std::uint64_t times = 1;  // 0: without end
  // Each connection and direction is counted by itself. Otherwise one count goes through all packets that match, in the
  // order in which they pass.
  bool each = false;

  // Faults of bytes.
  std::uint64_t time_ns = 0;           // delay; length of a stall, or for_ever
  std::uint64_t jitter_ns = 0;         // delay: up to so much more
  std::uint64_t every_ns = 0;          // stall: again so long after its beginning; 0: once
  std::uint64_t bytes_per_second = 0;  // throttle: of each connection and direction

  bool goes(direction which) const { return which == direction::up ? up : down; }
  bool is_of_packets() const { return kind <= fault_kind::cut; }
};

// The rule in words: "drop the 5000th PUBLISH down, of all connections".
std::string describe(const rule& what);

}  // namespace headgate::loadtest::relay
