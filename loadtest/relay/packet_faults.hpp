#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "loadtest/relay/fault_plan.hpp"
#include "mqtt/framing.hpp"
#include "mqtt/publish.hpp"

namespace headgate::loadtest::relay {

// One direction of one connection: bytes in, bytes out, with the faults that the plan has for its packets. Pure: bytes
// may be split in any way, and nothing but the plan decides what becomes of them. One thread; plan, log and identity
// outlive it.
//  1. Without a fault the output is the input. What is held back until more has come: the start of a fixed header, a
//     CONNECT that is not whole, a packet that a rule may want to look at, and in MQTT 5 a PUBLISH (its topic alias).
//     finish() hands it out.
//  2. A packet of more than max_examined_bytes passes in pieces, unexamined and uncounted by rules.
//  3. A connection that does not begin with a CONNECT that can be told is not MQTT: its bytes pass. The same holds for
//     a direction from the first byte on that can begin no packet.
//  4. A swapped PUBLISH is held until the next one of its direction has passed; what else comes meanwhile goes ahead of
//     it, except for DISCONNECT, which lets it go first.
//  5. After a rule that cuts met its packet, identity::is_cut is set and nothing comes out any more, not even that
//     packet.
class packet_faults {
 public:
  using bytes = mqtt::bytes;
  static constexpr std::size_t max_examined_bytes = 1024 * 1024;

  packet_faults(fault_plan& plan, fault_log& log, identity& whose, direction way)
      : plan_(plan), log_(log), whose_(whose), way_(way) {}

  // Appends to `out` what is to be sent.
  void take(bytes input, std::vector<std::uint8_t>& out);
  // The stream has ended: what was held back comes out.
  void finish(std::vector<std::uint8_t>& out);
  // The rules have changed: a PUBLISH that is held for a swap whose rule is gone comes out.
  void rules_changed(std::vector<std::uint8_t>& out);

 private:
  using output = std::vector<std::uint8_t>;

  bytes begin_frame(bytes input, output& out);
  bytes fill_pending(bytes input, output& out);
  void become_other(output& out);
  bool is_examined(std::uint8_t first_byte, std::size_t size);
  void count(std::uint8_t first_byte);
  void pass(bytes data, output& out) { out.insert(out.end(), data.begin(), data.end()); }

  void examine(const mqtt::frame& packet, bytes whole, output& out);
  void learn_from_connect(const mqtt::frame& packet);
  packet_facts look(const mqtt::frame& packet, fault& seen);
  std::string_view topic_of(const mqtt::publish_view& publish);
  void carry_out(const fault_plan::decision& decision, fault& made, bytes whole, output& out);
  void corrupt(const fault_plan::decision& decision, fault& made, bytes whole, output& out);
  // Passes a packet `times` times, and what was held for it.
  void emit(mqtt::packet_type type, bytes whole, int times, output& out);
  void let_held_go(output& out);

  fault_plan& plan_;
  fault_log& log_;
  identity& whose_;
  const direction way_;

  std::uint64_t known_changes_ = 0;
  identity::protocol known_protocol_{};
  std::uint16_t types_ = 0;  // that rules may want to look at
  bool is_other_ = false;    // not MQTT from here on
  std::size_t passing_ = 0;  // bytes still to come of a packet that passes in pieces
  output pending_;           // the start of a packet that is held back
  std::vector<stream_count> counts_;

  // A PUBLISH that waits for the next one, and what will be reported.
  struct held_publish {
    output data;
    fault made;
  };
  std::unique_ptr<held_publish> held_;
  std::unique_ptr<std::map<std::uint16_t, std::string>> aliases_;
  // Of the packet that is looked at: where topic and payload stand in its body.
  bytes topic_at_{};
  bytes payload_at_{};
};

}  // namespace headgate::loadtest::relay
