#include "tests/unit/mqtt/decode_and_repeat.hpp"
#include "tests/unit/mqtt/packets.hpp"

namespace headgate::mqtt {
namespace {

struct example {
  mqtt::version version;
  mqtt::sender sender;
  std::string_view packet;
};

// One of each type that is decoded, with all it may hold.
constexpr example examples[] = {
    {version::v3_1_1, sender::client, "10 [0004 'MQTT' 04 ee 003c 0002 'id' 0001 't' 0002 00ff 0001 'u' 0002 ff00]"},
    {version::v5, sender::client,
     "10 [0004 'MQTT' 05 d6 003c [11 00000e10 21 000a 27 00001000 22 0005 17 00 19 01 15 0001 'm' 16 0002 00ff"
     "26 0001 'n' 0001 'v'] 0000 [18 00000007 01 01] 0003 'w/t' 0002 c3a9 0001 'u' 0001 'p']"},
    {version::v5, sender::client, "10 [0004 'MQTT' 05 c2 003c [] 0002 'id' 0001 'u' 0001 'p']"},
    {version::v3_1, sender::client, "10 [0006 'MQIsdp' 83 ee 003c 0002 'id' 0001 't' 0002 00ff 0001 'u' 0002 ff00]"},
    {version::v5, sender::client,
     "10 [0004 'MQTT' 05 2e 003c [] 0000 [02 00000009 01 01 18 00000007 03 0001 'c' 08 0001 'r' 09 0001 00"
     "26 0001 'n' 0001 'v'] 0003 'w/t' 0000]"},
    {version::v3_1_1, sender::server, "20 [01 00]"},
    {version::v5, sender::server,
     "20 [01 00 [11 00000005 21 000a 24 01 25 00 27 00001000 12 0002 'id' 22 0003 1f 0001 'r' 26 0001 'n' 0001 'v'"
     "28 00 29 00 2a 00 13 001e 1a 0001 'i' 1c 0001 's']]"},
    {version::v3_1_1, sender::client, "3b [0004 'a' c3a9 'b' 0102 ff00]"},
    {version::v5, sender::client,
     "34 [000a 'a/b/c/d/ef' 0102 [01 01 02 0000000a 23 0007 08 0001 'r' 09 0001 00 26 0001 'n' 0001 'v' 03 0002 c3a9]"
     "ff00ff00]"},
    {version::v5, sender::server, "30 [0001 'a' [0b 01 0b 8001] 00]"},
    {version::v5, sender::server, "32 [0000 0102 [0b ffffff7f 02 00000003 23 ffff 26 0001 'n' 0001 'v'] 00]"},
    {version::v3_1_1, sender::client, "40 [0102]"},
    {version::v5, sender::client, "40 [0102 10 [1f 0001 'r' 26 0001 'n' 0001 'v']]"},
    {version::v3_1_1, sender::client, "50 [0102]"},
    {version::v5, sender::client, "50 [0102 10 [1f 0001 'r' 26 0001 'n' 0001 'v']]"},
    {version::v3_1, sender::client, "62 [0102]"},
    {version::v5, sender::client, "62 [0102 92 [1f 0001 'r' 26 0001 'n' 0001 'v']]"},
    {version::v3_1_1, sender::client, "70 [0102]"},
    {version::v5, sender::client, "70 [0102 92 [1f 0001 'r' 26 0001 'n' 0001 'v']]"},
    {version::v3_1_1, sender::client, "82 [0102 0003 'a/b' 01 0001 '#' 02]"},
    {version::v5, sender::client, "82 [0102 [0b 8001 26 0001 'n' 0001 'v'] 0003 'a/+' 2e 000a '$share/a/b' 01]"},
    {version::v3_1_1, sender::server, "90 [0102 00 02 80]"},
    {version::v5, sender::server, "90 [0102 [1f 0001 'r'] 00 02 87]"},
    {version::v3_1_1, sender::client, "a2 [0102 0003 'a/b' 0001 '#']"},
    {version::v5, sender::client, "a2 [0102 [26 0001 'n' 0001 'v'] 0003 'a/b' 0001 '#']"},
    {version::v3_1_1, sender::server, "b0 [0102]"},
    {version::v5, sender::server, "b0 [0102 [1f 0001 'r' 26 0001 'n' 0001 'v'] 00 11 87]"},
    {version::v3_1_1, sender::client, "e0 []"},
    {version::v5, sender::client, "e0 [04 [11 0000000a 1f 0001 'r' 26 0001 'n' 0001 'v']]"},
    {version::v5, sender::server, "e0 [9c [1c 0001 's']]"},
};

// Decodes in every version and from both sides; memory of its own lets the address sanitizer see a read too far.
void survive(const frame& packet) {
  const owned_frame copy(static_cast<std::uint8_t>(static_cast<unsigned>(packet.type) << 4 | packet.flags),
                         packet.body);
  for (const version version : every_version) {
    for (const sender sender : {sender::client, sender::server}) decode_and_repeat(copy, version, sender);
  }
}

TEST(robustness, the_examples_are_valid) {
  for (const example& each : examples) {
    const buffer data = hex(each.packet);
    EXPECT_TRUE(decode_and_repeat(frame_of(data), each.version, each.sender)) << each.packet;
  }
}

TEST(robustness, every_truncation_is_survived) {
  for (const example& each : examples) {
    const buffer data = hex(each.packet);
    for (std::size_t size = 0; size < data.size(); ++size) {
      EXPECT_EQ(next_frame(bytes(data).first(size), 1000).what, frame_outcome::kind::incomplete);
    }
    frame packet = frame_of(data);
    while (!packet.body.empty()) {
      packet.body = packet.body.first(packet.body.size() - 1);
      survive(packet);
    }
  }
}

TEST(robustness, every_single_bit_flip_is_survived) {
  for (const example& each : examples) {
    const buffer data = hex(each.packet);
    for (std::size_t bit = 0; bit < data.size() * 8; ++bit) {
      buffer flipped = data;
      flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      const frame_outcome outcome = next_frame(flipped, 1000);
      if (outcome.what == frame_outcome::kind::complete) survive(outcome.packet);
    }
  }
}

TEST(robustness, every_byte_value_at_every_place_is_survived) {
  for (const example& each : examples) {
    const buffer data = hex(each.packet);
    const frame packet = frame_of(data);
    for (std::size_t at = 0; at < packet.body.size(); ++at) {
      for (const unsigned value : {0x00U, 0x01U, 0x7fU, 0x80U, 0xffU}) {
        buffer body(packet.body.begin(), packet.body.end());
        body[at] = static_cast<std::uint8_t>(value);
        survive({packet.type, packet.flags, body});
      }
    }
  }
}

}  // namespace
}  // namespace headgate::mqtt
