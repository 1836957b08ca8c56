#include <utility>

#include "tests/unit/mqtt/packets.hpp"
#include "tests/unit/property.hpp"

namespace headgate::mqtt {
namespace {

using kind = frame_outcome::kind;

TEST(framing, finds_a_packet) {
  const buffer data = hex("32 05 0001 'a' 0102 ff");
  const frame_outcome outcome = next_frame(data, 100);
  ASSERT_EQ(outcome.what, kind::complete);
  EXPECT_EQ(outcome.size, 7U);
  EXPECT_EQ(outcome.packet.type, packet_type::publish);
  EXPECT_EQ(outcome.packet.flags, 2);
  EXPECT_TRUE(equal(outcome.packet.body, hex("0001 'a' 0102")));
}

TEST(framing, says_how_much_is_missing_once_the_length_is_known) {
  EXPECT_EQ(next_frame({}, 100).what, kind::incomplete);
  EXPECT_EQ(next_frame(hex("30"), 100).size, 0U);
  EXPECT_EQ(next_frame(hex("30 80"), 1000).size, 0U);
  EXPECT_EQ(next_frame(hex("30 80 01"), 1000).size, 131U);
  EXPECT_EQ(next_frame(hex("30 80 01"), 1000).what, kind::incomplete);
}

TEST(framing, MQTT_2_1_2_type_0_is_reserved) {
  for (int flags = 0; flags < 16; ++flags) {
    const buffer data{static_cast<std::uint8_t>(flags)};
    EXPECT_EQ(next_frame(data, 100).what, kind::malformed);
    EXPECT_EQ(next_frame(data, 100).error, errc::reserved_packet_type);
  }
}

TEST(framing, MQTT_2_1_3_1_reserved_flags_of_every_type) {
  for (unsigned first = 0x10; first < 0x100; ++first) {
    const unsigned type = first >> 4;
    const unsigned flags = first & 0xf;
    const bool two = type == 6 || type == 8 || type == 10;
    const bool good = type == 3 || flags == (two ? 2U : 0U);
    const buffer data{static_cast<std::uint8_t>(first), 0};
    const frame_outcome outcome = next_frame(data, 100);
    EXPECT_EQ(outcome.what, good ? kind::complete : kind::malformed) << first;
    if (!good) {
      EXPECT_EQ(outcome.error, errc::reserved_flags) << first;
    }
  }
}

TEST(framing, in_3_1_what_is_sent_again_may_have_dup_set) {
  for (unsigned first = 0x10; first < 0x100; ++first) {
    const buffer data{static_cast<std::uint8_t>(first), 0};
    const bool again = first == 0x6a || first == 0x8a || first == 0xaa;
    const bool good = next_frame(data, 100).what == kind::complete;
    EXPECT_EQ(next_frame(data, 100, version::v3_1).what == kind::complete, good || again) << first;
    EXPECT_EQ(next_frame(data, 100, version::v3_1_1).what == kind::complete, good) << first;
  }
}

TEST(framing, MQTT_2_1_4_a_fifth_length_byte_is_refused_without_waiting_for_it) {
  const frame_outcome outcome = next_frame(hex("30 ff ff ff ff"), 0xffff'ffff);
  EXPECT_EQ(outcome.what, kind::malformed);
  EXPECT_EQ(outcome.error, errc::remaining_length_too_long);
}

TEST(framing, the_longest_length_of_four_bytes) {
  const frame_outcome outcome = next_frame(hex("30 ff ff ff 7f"), 0xffff'ffff);
  EXPECT_EQ(outcome.what, kind::incomplete);
  EXPECT_EQ(outcome.size, 5U + max_remaining_length);
}

TEST(framing, a_length_in_more_bytes_than_needed_is_taken_as_3_1_1_allows_it) {
  const frame_outcome outcome = next_frame(hex("c0 80 80 00"), 100, version::v3_1_1);
  EXPECT_EQ(outcome.what, kind::complete);
  EXPECT_EQ(outcome.size, 4U);
}

TEST(framing, MQTT_1_5_5_1_a_length_in_more_bytes_than_needed_is_malformed_in_5) {
  for (const std::string_view bytes : {"c0 80 00", "c0 80 80 00", "30 83 00 0001 'a'"}) {
    const frame_outcome outcome = next_frame(hex(bytes), 100, version::v5);
    EXPECT_EQ(outcome.what, kind::malformed) << bytes;
    EXPECT_EQ(outcome.error, errc::variable_byte_integer_malformed) << bytes;
  }
  EXPECT_EQ(next_frame(hex("30 80 80 01"), 1 << 20, version::v5).what, kind::incomplete);
}

TEST(framing, a_packet_over_the_limit_is_refused_as_soon_as_its_length_is_known) {
  EXPECT_EQ(next_frame(hex("30 63"), 101).what, kind::incomplete);
  EXPECT_EQ(next_frame(hex("30 64"), 101).what, kind::malformed);
  EXPECT_EQ(next_frame(hex("30 64"), 101).error, errc::packet_too_large);
}

TEST(framing, variable_byte_integers_of_every_size) {
  const struct {
    std::uint32_t value;
    std::string_view encoded;
  } cases[] = {{0, "00"},
               {127, "7f"},
               {128, "80 01"},
               {16'383, "ff 7f"},
               {16'384, "80 80 01"},
               {2'097'151, "ff ff 7f"},
               {2'097'152, "80 80 80 01"},
               {268'435'455, "ff ff ff 7f"}};
  for (const auto& each : cases) {
    buffer out(4);
    std::uint8_t* const end = write_variable_byte_integer(out.data(), each.value);
    out.resize(static_cast<std::size_t>(end - out.data()));
    EXPECT_EQ(out, hex(each.encoded));
    EXPECT_EQ(variable_byte_integer_size(each.value), out.size());
  }
}

TEST(framing, every_split_of_a_stream_gives_the_same_packets) {
  const buffer stream = hex("c000 3005 0003 'a/b' 4002 0001 e000 32 8101 0001 'a' 0009" + [] {
    std::string rest;
    for (int i = 0; i < 0x81 - 5; ++i) rest += " 5a";
    return rest;
  }() + " 8206 0001 0001 'a' 00 d000");
  const std::vector<packet_type> expected{packet_type::pingreq,    packet_type::publish, packet_type::puback,
                                          packet_type::disconnect, packet_type::publish, packet_type::subscribe,
                                          packet_type::pingresp};
  const auto receive = [&stream](std::size_t first, std::size_t second) {
    std::vector<packet_type> found;
    buffer waiting;
    std::size_t at = 0;
    for (const std::size_t end : {first, second, stream.size()}) {
      waiting.insert(waiting.end(), stream.begin() + static_cast<std::ptrdiff_t>(at),
                     stream.begin() + static_cast<std::ptrdiff_t>(end));
      at = end;
      while (true) {
        const frame_outcome outcome = next_frame(waiting, 1000);
        EXPECT_NE(outcome.what, kind::malformed);
        if (outcome.what != kind::complete) break;
        found.push_back(outcome.packet.type);
        waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(outcome.size));
      }
    }
    EXPECT_TRUE(waiting.empty());
    return found;
  };
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      ASSERT_EQ(receive(first, second), expected) << first << ' ' << second;
    }
  }
}

using packets = std::vector<std::pair<packet_type, buffer>>;

// A packet of any type and size; a fixed header in more bytes than it needs, now and then.
void add_packet(tests::dice& dice, packets& sent, buffer& stream) {
  static constexpr std::uint8_t firsts[] = {0x30, 0x33, 0x3d, 0x40, 0x50, 0x62, 0x70,
                                            0x82, 0x90, 0xa2, 0xc0, 0xd0, 0xe0};
  const auto first = firsts[dice.below(std::size(firsts))];
  buffer body(dice.below(dice.one_in(20) ? 20'000 : dice.one_in(3) ? 300 : 20));
  for (auto& byte : body) byte = static_cast<std::uint8_t>(dice.bits());
  stream.push_back(first);
  std::uint8_t length[4];
  const auto* end = write_variable_byte_integer(length, static_cast<std::uint32_t>(body.size()));
  stream.insert(stream.end(), length, length + (end - length));
  if (end - length < 4 && dice.one_in(5)) {
    stream.back() |= 0x80;
    stream.push_back(0);
  }
  stream.insert(stream.end(), body.begin(), body.end());
  sent.emplace_back(static_cast<packet_type>(first >> 4), std::move(body));
}

// Takes the packets that are whole.
void take_packets(buffer& waiting, packets& found) {
  std::size_t done = 0;
  for (;;) {
    const auto rest = bytes(waiting).subspan(done);
    // Before MQTT 5 a length may have more bytes than it needs.
    const auto outcome = next_frame(rest, 30'000, version::v3_1_1);
    ASSERT_NE(outcome.what, kind::malformed);
    if (outcome.what == kind::incomplete) {
      ASSERT_TRUE(outcome.size == 0 || outcome.size > rest.size());
      break;
    }
    done += outcome.size;
    found.emplace_back(outcome.packet.type, buffer(outcome.packet.body.begin(), outcome.packet.body.end()));
  }
  waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(done));
}

TEST(framing, property_a_long_stream_in_any_pieces_is_the_packets_that_were_sent) {
  tests::for_each_seed([](tests::dice& dice) {
    packets sent;
    buffer stream;
    while (sent.size() < 200) add_packet(dice, sent, stream);
    for (int round = 0; round < 5; ++round) {
      const std::uint32_t longest = round == 0 ? 1 : 1U << dice.below(16);
      packets found;
      buffer waiting;
      for (std::size_t at = 0; at < stream.size();) {
        const auto size = std::min<std::size_t>(stream.size() - at, 1 + dice.below(longest));
        const auto begin = stream.begin() + static_cast<std::ptrdiff_t>(at);
        waiting.insert(waiting.end(), begin, begin + static_cast<std::ptrdiff_t>(size));
        at += size;
        ASSERT_NO_FATAL_FAILURE(take_packets(waiting, found));
      }
      ASSERT_TRUE(waiting.empty());
      ASSERT_EQ(found, sent) << "in pieces of up to " << longest << " bytes";
    }
  });
}

}  // namespace
}  // namespace headgate::mqtt
