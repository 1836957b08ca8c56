// Random bytes, every truncation and every single-bit flip of valid packets: only the client that sent them is closed.

#include <random>

#include "mqtt/unsubscribe.hpp"
#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

std::vector<std::string> valid_packets(mqtt::version version) {
  const bool v5 = version == mqtt::version::v5;
  const auto properties = v5 ? hex({0x26, 0, 1, 'k', 0, 1, 'v', 0x02, 0, 0, 0, 9}) : std::string();
  mqtt::subscribe subscribe{
      7, 0, {{"a/+", mqtt::qos::at_least_once, false, false, 0}, {"b", mqtt::qos::at_most_once, false, false, 0}}};
  return {
      encoded(mqtt::connect{.version = version, .clean_start = true, .keep_alive_s = 60, .client_id = "bad"}),
      encoded(subscribe, version),
      conversation::publish_packet("a/b", "payload", 0, 0, version, properties),
      conversation::publish_packet("a/b", "payload", 1, 5, version, properties),
      v5 ? hex({0x40, 4, 0, 1, 0x10, 0}) : hex({0x40, 2, 0, 1}),
      v5 ? hex({0xa2, 6, 0, 5, 0, 0, 1, 'b'}) : hex({0xa2, 5, 0, 5, 0, 1, 'b'}),
      hex({0xc0, 0}),
      v5 ? hex({0xe0, 2, 0, 0}) : hex({0xe0, 0}),
  };
}

class hostile : public ::testing::TestWithParam<mqtt::version> {
 protected:
  hostile() {
    good_ = talk_.join("good", GetParam());
    talk_.subscribe(good_, "good", 1);
  }

  // A client says this after CONNECT (or instead of it), and then the well-behaved one is tried.
  void attack(const std::string& bytes, bool connected) {
    const auto client = talk_.network.connect();
    if (connected) {
      const mqtt::connect packet{.version = GetParam(), .clean_start = true, .client_id = "bad"};
      talk_.say(client, encoded(packet));
      talk_.turn();
      talk_.take(client);
    }
    talk_.say(client, bytes);
    talk_.turn();
    check_answer(client, connected);
    talk_.network[client].closed_by_client = true;
    talk_.network[client].to_server.clear();
    talk_.turn();
    ASSERT_FALSE(talk_.network[client].open);
    check_good();
  }

  // What a refused client of MQTT 5 is told last is a DISCONNECT with a reason of an error.
  void check_answer(std::uint32_t client, bool connected) {
    const auto answer = talk_.take(client);
    if (talk_.is_open(client) || !connected || GetParam() == mqtt::version::v3_1_1) return;
    if (!talk_.network[client].half_closed_by_server) return;  // it said goodbye itself
    auto left = base::as_bytes(answer);
    mqtt::frame last;
    while (!left.empty()) {
      const auto found = mqtt::next_frame(left, 100'000);
      ASSERT_EQ(found.what, mqtt::frame_outcome::kind::complete);
      last = found.packet;
      left = left.subspan(found.size);
    }
    ASSERT_EQ(last.type, mqtt::packet_type::disconnect);
    ASSERT_GE(last.body.front(), 0x80);
  }

  void check_good() {
    ASSERT_TRUE(talk_.is_open(good_));
    talk_.publish(good_, "good", "still here", 1, 3);
    talk_.turn();
    const auto got = talk_.take(good_);
    ASSERT_NE(got.find("still here"), std::string::npos);
    const auto id = static_cast<std::uint16_t>(1 + count_++ % 65'535);
    talk_.say(good_, conversation::puback(id));
  }

  conversation talk_;
  std::uint32_t good_ = 0;
  std::uint32_t count_ = 0;
};

std::string with_length(std::string packet, std::size_t length) {
  packet[1] = static_cast<char>(length);
  return packet;
}

}  // namespace

TEST_P(hostile, every_truncation) {
  for (const auto& packet : valid_packets(GetParam())) {
    const bool is_connect = packet[0] == '\x10';
    for (std::size_t size = 0; size < packet.size(); ++size) {
      const auto cut = packet.substr(0, size);
      attack(cut, !is_connect);
      if (size >= 2) attack(with_length(cut, size - 2), !is_connect);
      if (HasFatalFailure()) FAIL() << "size " << size;
    }
  }
}

TEST_P(hostile, every_single_bit_flip) {
  for (const auto& packet : valid_packets(GetParam())) {
    const bool is_connect = packet[0] == '\x10';
    for (std::size_t bit = 0; bit < packet.size() * 8; ++bit) {
      auto flipped = packet;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      attack(flipped, !is_connect);
      if (HasFatalFailure()) FAIL() << "bit " << bit;
    }
  }
}

TEST_P(hostile, random_bytes) {
  const std::uint32_t seed = 4711;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes(random() % 60, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    // Half of them begin like a packet that a client may send.
    if (!bytes.empty() && round % 2 == 0)
      bytes[0] = static_cast<char>("\x30\x32\x40\x82\xa2\xc0\xe0\x10"[random() % 8]);
    if (bytes.size() > 2 && round % 4 == 0) bytes[1] = static_cast<char>(bytes.size() - 2);
    attack(bytes, round % 3 != 0);
    if (HasFatalFailure()) FAIL() << "round " << round;
  }
  EXPECT_GT(talk_.view().gateway.refused_malformed, 500U);
  EXPECT_EQ(talk_.log.lines.size(), talk_.limits.client_lines_per_second) << "the clock stood still: one second's";
}

INSTANTIATE_TEST_SUITE_P(versions, hostile, ::testing::Values(mqtt::version::v3_1_1, mqtt::version::v5));

}  // namespace headgate::worker::testing
