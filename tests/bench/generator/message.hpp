#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "mqtt/types.hpp"

namespace headgate::bench {

// A topic is "bench/0007/00000012": its group (a pair, or a publisher) and its number within the group. All have one
// size, so that the last bytes of a prepared packet's topic are all that changes from message to message.
inline constexpr std::size_t topic_number_size = 8;
std::string topic_of(std::uint32_t group, std::uint32_t number);

// The start of every payload, in the byte order of the machine, which is its own reader.
struct stamp {
  std::uint64_t sequence = 0;      // of this publisher, from 0
  std::uint64_t intended_ns = 0;   // when it was to be sent, where the workload measures latency
  std::uint64_t topic_number = 0;  // the last eight characters of its topic: tells a message that came on a wrong topic
  std::uint32_t publisher = 0;
  std::uint32_t reserved = 0;
};
inline constexpr std::size_t stamp_size = sizeof(stamp);

// One whole packet within received bytes.
struct packet {
  std::uint8_t first_byte = 0;
  const std::uint8_t* body = nullptr;  // after the fixed header
  std::size_t size = 0;                // of the body
  const std::uint8_t* end() const { return body + size; }
};

// The packet at `at`, and where the next one starts; nullptr while it is incomplete. What the server sends is trusted
// as far as its framing: mqtt::next_frame() does the same with every check, and costs more than a message may cost
// here.
inline const std::uint8_t* split_packet(const std::uint8_t* at, const std::uint8_t* end, packet& found) {
  std::size_t size = 0;
  const std::uint8_t* length = at + 1;
  for (int shift = 0; length < end && shift < 28; shift += 7) {
    const std::uint8_t byte = *length++;
    size |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      if (static_cast<std::size_t>(end - length) < size) return nullptr;
      found = {*at, length, size};
      return length + size;
    }
  }
  return nullptr;
}

inline constexpr std::uint8_t type_publish = 0x30;
inline constexpr std::uint8_t type_puback = 0x40;
inline std::uint8_t type_of(const packet& found) {
  return found.first_byte & 0xf0;
}
inline std::uint8_t qos_of(const packet& found) {
  return static_cast<std::uint8_t>(found.first_byte >> 1 & 3);
}
inline std::uint16_t read_u16(const std::uint8_t* at) {
  return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}

// Packet ids count up from 1 to 65,535 and around.
inline std::uint16_t id_after(std::uint16_t id) {
  return id == 65'535 ? 1 : static_cast<std::uint16_t>(id + 1);
}

// The PUBLISH packets of one publisher: prepared once, copied and stamped for each message.
class message_writer {
 public:
  struct shape {
    mqtt::version version = mqtt::version::v3_1_1;
    mqtt::qos qos = mqtt::qos::at_most_once;
    std::uint32_t payload_size = 64;
  };
  // Publishes to the topics 0 to `topics` - 1 of `group`, over and over in one random order that the seed decides.
  message_writer(const shape& form, std::uint32_t publisher, std::uint32_t group, std::uint32_t topics,
                 std::uint64_t seed);

  std::size_t packet_size() const { return packet_.size(); }
  std::uint64_t published() const { return stamp_.sequence; }

  // Writes packet_size() bytes and returns their end.
  std::uint8_t* write_next(std::uint8_t* out, std::uint64_t intended_ns) {
    std::memcpy(out, packet_.data(), packet_.size());
    stamp_.topic_number = order_[turn_];
    if (++turn_ == order_.size()) turn_ = 0;
    std::memcpy(out + topic_number_at_, &stamp_.topic_number, topic_number_size);
    if (packet_id_at_ != 0) {
      packet_id_ = id_after(packet_id_);
      out[packet_id_at_] = static_cast<std::uint8_t>(packet_id_ >> 8);
      out[packet_id_at_ + 1] = static_cast<std::uint8_t>(packet_id_);
    }
    stamp_.intended_ns = intended_ns;
    std::memcpy(out + payload_at_, &stamp_, stamp_size);
    ++stamp_.sequence;
    return out + packet_.size();
  }

 private:
  std::vector<std::uint8_t> packet_;
  std::vector<std::uint64_t> order_;  // topic numbers as the eight characters that they are in the topic
  std::size_t turn_ = 0;
  std::size_t topic_number_at_ = 0;
  std::size_t packet_id_at_ = 0;  // 0 at QoS 0
  std::size_t payload_at_ = 0;
  std::uint16_t packet_id_ = 0;
  stamp stamp_;
};

}  // namespace headgate::bench
