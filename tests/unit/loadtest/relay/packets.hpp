#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadtest/relay/command.hpp"
#include "loadtest/relay/packet_faults.hpp"
#include "mqtt/acknowledgement.hpp"
#include "mqtt/connect.hpp"
#include "mqtt/publish.hpp"
#include "tests/unit/property.hpp"

// What the tests of the relay say to it: packets as bytes, and one direction of a connection to put them through.
namespace headgate::loadtest::relay {

using octets = std::vector<std::uint8_t>;

inline octets& operator+=(octets& to, const octets& from) {
  to.insert(to.end(), from.begin(), from.end());
  return to;
}

inline octets operator+(octets a, const octets& b) {
  a += b;
  return a;
}

inline octets connect_packet(std::string_view client_id, mqtt::version version = mqtt::version::v3_1_1) {
  mqtt::connect packet;
  packet.version = version;
  packet.clean_start = true;
  packet.client_id = client_id;
  octets out(mqtt::encoded_size(packet));
  mqtt::encode(packet, out.data());
  return out;
}

struct message {
  std::string_view topic = "t";
  std::string_view payload = "payload";
  mqtt::qos qos{};
  std::uint16_t packet_id = 0;
  std::uint16_t topic_alias = 0;
};

inline octets publish_packet(const message& what, mqtt::version version = mqtt::version::v3_1_1) {
  mqtt::publish_head head;
  head.version = version;
  head.topic = what.topic;
  head.qos = what.qos;
  head.packet_id = what.packet_id;
  head.topic_alias = what.topic_alias;
  head.payload_size = what.payload.size();
  octets out(mqtt::encoded_size(head));
  mqtt::encode(head, out.data());
  out.insert(out.end(), what.payload.begin(), what.payload.end());
  return out;
}

inline octets publish_packet(std::string_view payload) {
  message what;
  what.payload = payload;
  return publish_packet(what);
}

inline octets acknowledgement_packet(mqtt::packet_type type, std::uint16_t packet_id) {
  mqtt::acknowledgement packet;
  packet.type = type;
  packet.packet_id = packet_id;
  octets out(mqtt::encoded_size(packet, mqtt::version::v3_1_1));
  mqtt::encode(packet, mqtt::version::v3_1_1, out.data());
  return out;
}

inline octets connack_packet() {
  return {0x20, 2, 0, 0};
}
inline octets ping_packet() {
  return {0xc0, 0};
}
inline octets disconnect_packet() {
  return {0xe0, 0};
}

// A relay's plan, without sockets: connections whose bytes a test puts in, in pieces that it chooses.
class bench {
 public:
  explicit bench(std::uint64_t seed = 1) : plan(seed), log([this](const fault& made) { faults.push_back(made); }) {}

  void tell(std::string_view line) {
    const auto parsed = parse_command(line);
    const auto* asked = std::get_if<command>(&parsed);
    ASSERT_TRUE(asked != nullptr) << std::get<std::string>(parsed);
    if (asked->asks == command::verb::clear) {
      plan.clear(asked->cleared);
    } else {
      ASSERT_EQ(asked->asks, command::verb::add) << line;
      plan.add(asked->what, 0);
    }
  }

  struct one {
    one(bench& owner, std::uint64_t number)
        : whose{.number = number},
          up(owner.plan, owner.log, whose, direction::up),
          down(owner.plan, owner.log, whose, direction::down) {}

    packet_faults& of(direction way) { return way == direction::up ? up : down; }
    octets take(direction way, const octets& input) {
      octets out;
      of(way).take(input, out);
      return out;
    }

    identity whose;
    packet_faults up;
    packet_faults down;
  };

  fault_plan plan;
  fault_log log;
  std::vector<fault> faults;
};

// Puts the input through in pieces of at most `most` bytes, and ends it.
inline octets in_pieces(packet_faults& faults, const octets& input, std::size_t most) {
  octets out;
  for (std::size_t at = 0; at < input.size(); at += most) {
    faults.take(base::bytes(input).subspan(at, std::min(most, input.size() - at)), out);
  }
  faults.finish(out);
  return out;
}

// What becomes of `down` behind CONNECT and CONNACK with these commands, the same in pieces of every size.
struct conversation {
  octets out;
  std::vector<fault> faults;
};
inline conversation down_with(const std::vector<std::string>& commands, const octets& down) {
  conversation first;
  for (std::size_t most = down.size(); most > 0; --most) {
    bench relay;
    bench::one connection(relay, 1);
    EXPECT_EQ(connection.take(direction::up, connect_packet("a")), connect_packet("a"));
    for (const auto& each : commands) relay.tell(each);
    const auto out = in_pieces(connection.down, down, most);
    if (most == down.size()) {
      first = {out, relay.faults};
      continue;
    }
    EXPECT_EQ(out, first.out) << "in pieces of " << most;
    EXPECT_EQ(relay.faults.size(), first.faults.size()) << "in pieces of " << most;
  }
  return first;
}

}  // namespace headgate::loadtest::relay
