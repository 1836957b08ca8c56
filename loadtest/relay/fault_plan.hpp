#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "loadtest/relay/fault.hpp"
#include "loadtest/relay/pacer.hpp"
#include "loadtest/relay/rule.hpp"

namespace headgate::loadtest::relay {

// What a rule asks of a packet.
struct packet_facts {
  mqtt::packet_type type{};
  std::string_view topic{};  // of a PUBLISH, aliases resolved; empty if it is not known
  bool can_swap = false;
  bool can_corrupt_payload = false;
  bool can_corrupt_topic = false;
};

// What one rule has counted in one direction of one connection.
struct stream_count {
  std::uint32_t rule = 0;
  std::uint64_t seen = 0;
  std::uint64_t made = 0;
};

// The table of rules: which faults are to be made, and how far each rule has come. Pure; one thread; outlives whoever
// asks it.
//  1. Every rule that matches a packet counts it; the first one whose turn it is makes its fault, one a packet. A rule
//     that had its turn with a packet that had a fault already makes up for it with the next one (unless it has an
//     every-th of its own).
//  2. What dice say depends on the seed, the rule's number, the connection's number, the direction and how many packets
//     matched there before, and on nothing else: the same packets on a connection get the same faults, whatever goes on
//     beside it. A count that goes through several connections (no `each`) depends on their order as well.
class fault_plan {
 public:
  explicit fault_plan(std::uint64_t seed) : seed_(seed) {}

  // Returns the rule's number, from 1 on.
  std::uint32_t add(const rule& what, std::uint64_t now_ns);
  // Takes away the rules of a kind, or all; returns how many there were.
  std::size_t clear(std::optional<fault_kind> kind);
  bool has(std::uint32_t number) const;
  // Grows whenever an answer of the methods below may have become another one.
  std::uint64_t changes() const { return changes_; }

  // The packet types that a rule may want to look at, one bit each.
  std::uint16_t types_of_interest(const identity& whose, direction way) const;

  struct decision {
    const rule* what = nullptr;  // until the next add() or clear(); nothing: the packet passes
    std::uint32_t number = 0;
    std::uint64_t nth = 0;
    std::uint64_t dice = 0;  // for what is to be chosen besides
  };
  decision decide(const identity& whose, direction way, const packet_facts& packet, std::vector<stream_count>& counts);

  // What the last delay and the last throttle that match say, and all stalls.
  pacing pacing_of(const identity& whose, direction way) const;
  // The rule by which what comes is swallowed; 0: none.
  std::uint32_t black_hole_of(const identity& whose, direction way) const;
  // The rule by which a new connection is refused, which counts it; 0: none.
  std::uint32_t refuse(const identity& whose);

  // Reports stalls that have begun, and returns when the next one does.
  std::uint64_t report_stalls(std::uint64_t now_ns, fault_log& log);

 private:
  struct entry {
    rule what;
    std::uint32_t number = 0;
    std::uint64_t since_ns = 0;
    std::uint64_t seen = 0;
    std::uint64_t made = 0;
    std::uint64_t next_stall_ns = for_ever;  // not reported yet

    bool is_used_up() const { return !what.each && what.times > 0 && made >= what.times; }
  };

  std::uint64_t dice_of(const entry& each, const identity& whose, direction way, std::uint64_t seen) const;
  bool has_turn(const entry& each, const stream_count& here, std::uint64_t dice) const;

  std::uint64_t seed_;
  std::uint64_t changes_ = 1;
  std::uint32_t last_number_ = 0;
  std::vector<entry> entries_;
};

}  // namespace headgate::loadtest::relay
