#include <deque>

#include "loadtest/relay/packet_faults.hpp"
#include "tests/unit/loadtest/relay/packets.hpp"

namespace headgate::loadtest::relay {
namespace {

using tests::dice;

octets some_packet(dice& dice) {
  std::string payload(1 + (dice.one_in(20) ? dice.below(3000) : dice.below(40)), 'x');
  for (auto& each : payload) each = static_cast<char>(dice.bits());
  message what;
  what.topic = dice.one_in(2) ? "a/b" : "c";
  what.payload = payload;
  what.qos = dice.one_in(2) ? mqtt::qos::at_least_once : mqtt::qos::at_most_once;
  what.packet_id = static_cast<std::uint16_t>(1 + dice.below(65'535));
  switch (dice.below(6)) {
    case 0:
      return acknowledgement_packet(mqtt::packet_type::puback, what.packet_id);
    case 1:
      return {0xd0, 0};
    default:
      return publish_packet(what);
  }
}

octets through(packet_faults& faults, const octets& input, dice& dice) {
  octets out;
  for (std::size_t at = 0; at < input.size();) {
    const auto size = std::min<std::size_t>(input.size() - at, 1 + dice.below(dice.one_in(3) ? 3000 : 20));
    faults.take(base::bytes(input).subspan(at, size), out);
    at += size;
  }
  faults.finish(out);
  return out;
}

TEST(packet_faults, property_any_bytes_in_any_pieces_pass_without_rules) {
  tests::for_each_seed([](dice& dice) {
    for (int round = 0; round < 300; ++round) {
      bench relay;
      bench::one connection(relay, 1);
      octets up = dice.one_in(4) ? octets() : connect_packet("client", mqtt::version::v5);
      octets down;
      for (auto* way : {&up, &down}) {
        for (std::uint32_t n = dice.below(20); n > 0; --n) *way += some_packet(dice);
        if (dice.one_in(2)) {
          for (std::uint32_t n = dice.below(100); n > 0; --n) way->push_back(static_cast<std::uint8_t>(dice.bits()));
        }
      }
      ASSERT_EQ(through(connection.up, up, dice), up);
      ASSERT_EQ(through(connection.down, down, dice), down);
      ASSERT_TRUE(relay.faults.empty());
    }
  });
}

// What should come out of `packets` with the faults that were reported, by the number of the PUBLISH.
octets model(const std::vector<octets>& packets, const std::vector<fault>& faults) {
  std::map<std::uint64_t, fault> by_number;
  for (const auto& each : faults) by_number.emplace(each.nth, each);
  octets out;
  octets held;
  std::uint64_t number = 0;
  for (auto packet : packets) {
    if (packet[0] >> 4 != 3) {
      out += packet;
      continue;
    }
    const auto found = by_number.find(++number);
    const auto* made = found != by_number.end() ? &found->second : nullptr;
    if (made != nullptr && made->kind == fault_kind::drop) continue;
    if (made != nullptr && made->kind == fault_kind::swap) {
      held = packet;
      continue;
    }
    if (made != nullptr && made->kind == fault_kind::corrupt) {
      auto& byte = packet[packet.size() - made->payload_size + made->byte.value_or(0)];
      byte = static_cast<std::uint8_t>(byte ^ 1U << made->bit);
    }
    out += packet;
    if (made != nullptr && made->kind == fault_kind::duplicate) out += packet;
    out += held;
    held.clear();
  }
  return out;
}

TEST(packet_faults, property_the_output_is_the_input_with_the_reported_faults) {
  tests::for_each_seed([](dice& dice) {
    for (int round = 0; round < 200; ++round) {
      std::vector<octets> packets;
      octets input;
      for (int n = 0; n < 60; ++n) packets.push_back(some_packet(dice));
      for (const auto& each : packets) input += each;
      // Each counts every PUBLISH (none is empty), so that a fault's number tells which one it was of.
      const std::vector<std::string> commands = {"drop publish probability 0.1", "duplicate publish probability 0.1",
                                                 "corrupt publish probability 0.1"};
      std::vector<octets> outputs;
      std::vector<std::string> reports;
      const auto seed = dice.bits();
      for (int run = 0; run < 2; ++run) {
        bench relay(seed);
        bench::one connection(relay, 1);
        connection.take(direction::up, connect_packet("a"));
        for (const auto& each : commands) relay.tell(each);
        outputs.push_back(through(connection.down, input, dice));
        ASSERT_EQ(outputs.back(), model(packets, relay.faults));
        auto& report = reports.emplace_back();
        for (const auto& each : relay.faults) report += as_json(each) + "\n";
      }
      ASSERT_EQ(outputs[0], outputs[1]);
      ASSERT_EQ(reports[0], reports[1]);
    }
  });
}

TEST(packet_faults, property_swaps_are_reported) {
  tests::for_each_seed([](dice& dice) {
    for (int round = 0; round < 100; ++round) {
      std::vector<octets> packets;
      octets input;
      for (int n = 0; n < 40; ++n) packets.push_back(publish_packet(std::to_string(n)));
      for (const auto& each : packets) input += each;
      bench relay;
      bench::one connection(relay, 1);
      connection.take(direction::up, connect_packet("a"));
      relay.tell("drop publish probability 0.1");
      const auto nth = 1 + dice.below(25);
      relay.tell("swap publish nth " + std::to_string(nth));
      const auto out = through(connection.down, input, dice);
      // Rules that wait for their turn count on from the same packets, hence the same numbers; a swap is not counted
      // while another one is under way, and this is the only one.
      ASSERT_EQ(out, model(packets, relay.faults)) << nth;
    }
  });
}

TEST(packet_faults, other_connections_change_nothing_for_one) {
  std::vector<octets> outputs;
  for (const bool has_neighbour : {false, true}) {
    bench relay(7);
    relay.tell("drop publish probability 0.3");
    relay.tell("duplicate publish every 5 each");
    bench::one connection(relay, 1);
    bench::one neighbour(relay, 2);
    connection.take(direction::up, connect_packet("a"));
    neighbour.take(direction::up, connect_packet("b"));
    octets out;
    for (int n = 0; n < 200; ++n) {
      if (has_neighbour) neighbour.take(direction::down, publish_packet("other"));
      out += connection.take(direction::down, publish_packet(std::to_string(n)));
    }
    outputs.push_back(out);
  }
  EXPECT_EQ(outputs[0], outputs[1]);
}

}  // namespace
}  // namespace headgate::loadtest::relay
