#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>

#include "loadtest/relay/rule.hpp"

namespace headgate::loadtest::relay {

// One fault that was made. A plain struct: what is empty or 0 does not apply.
struct fault {
  fault_kind kind{};
  std::uint32_t rule = 0;        // its number; 0: a command that acts at once
  std::uint64_t connection = 0;  // 0: all that the rule is for (delay, stall, throttle)
  std::string client_id{};
  std::optional<direction> way{};
  std::optional<mqtt::packet_type> packet{};
  std::uint16_t packet_id = 0;
  std::string topic{};  // of a PUBLISH, as it came, also where the packet has a Topic Alias for it
  std::size_t payload_size = 0;
  std::uint64_t nth = 0;  // which one it was of those that the rule counts
  // corrupt: the bit that was turned, in which byte of the payload or topic.
  std::optional<std::size_t> byte{};
  unsigned bit = 0;
  bool corrupts_topic = false;
  std::string words{};  // delay, stall, throttle: the rule
};

// "fault drop connection 2 client 'a' down PUBLISH id 5 topic 't' payload 64 bytes nth 5000 rule 1"
std::string as_text(const fault& made);
// The same as an object: {"fault":"drop","rule":1,"connection":2,"client":"a","direction":"down","packet":"PUBLISH",
// "id":5,"topic":"t","payload":64,"nth":5000}; "rule", "connection", "direction" and what follows only where they
// apply; corrupt: also "part" ("payload" or "topic"), "byte", "bit".
std::string as_json(const fault& made);

// What a relay has done since it began.
struct sums {
  struct one_way {
    std::uint64_t bytes = 0;      // received
    std::uint64_t packets = 0;    // of MQTT, received
    std::uint64_t publishes = 0;  // among those
  };
  std::uint64_t connections = 0;                    // accepted, also those that were refused
  std::uint64_t open = 0;                           // now
  std::uint64_t failed_connects = 0;                // the server could not be reached: the client was reset
  std::array<one_way, 2> ways{};                    // by direction
  std::array<std::uint64_t, fault_kinds> faults{};  // by kind

  const one_way& of(direction which) const { return ways[static_cast<std::size_t>(which)]; }
  one_way& of(direction which) { return ways[static_cast<std::size_t>(which)]; }
  std::uint64_t of(fault_kind kind) const { return faults[static_cast<std::size_t>(kind)]; }
  std::uint64_t all_faults() const;
};

// "connections 2, open 1, up 3 packets (1 PUBLISH, 80 bytes), down …, faults 1: drop 1"
std::string as_text(const sums& done);
// {"connections":2,"open":1,"failed_connects":0,"up":{"bytes":80,"packets":3,"publishes":1},"down":{…},
// "faults":{"drop":1}}
std::string as_json(const sums& done);

// Counts faults and tells somebody of each.
class fault_log {
 public:
  explicit fault_log(std::function<void(const fault&)> tell = {}) : tell_(std::move(tell)) {}

  void add(const fault& made) {
    ++done.faults[static_cast<std::size_t>(made.kind)];
    if (tell_) tell_(made);
  }

  sums done;

 private:
  std::function<void(const fault&)> tell_;
};

}  // namespace headgate::loadtest::relay
