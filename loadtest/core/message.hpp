#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "loadtest/core/plan.hpp"
#include "loadtest/core/stamp.hpp"
#include "mqtt/types.hpp"

namespace headgate::loadtest::core {

// Low half of XXH3-64: the check of payloads and topics (FORMAT.md).
std::uint32_t check_of(base::bytes data);

// What the publishers of a group have in common. Immutable, outlives their message_sources.
struct message_shape {
  mqtt::version version = mqtt::version::v3_1_1;
  mqtt::qos qos = mqtt::qos::at_most_once;
  bool retain = false;
  std::uint32_t expiry_s = mqtt::no_expiry;
  std::uint32_t payload_least = 64;
  std::uint32_t payload_most = 64;
  std::uint64_t seed = 1;
  std::uint32_t run = 0;
  std::vector<std::uint32_t> order;   // topic numbers in the order in which they have their turn
  std::vector<std::uint8_t> padding;  // what follows the stamp, payload_most - 40 bytes
  std::uint32_t padding_check = 0;    // of all of it
};
message_shape shape_of(const group& group, std::uint64_t seed, std::uint32_t run);

// The messages of one publisher: any of them can be written at any time, the same each time but for its intended time.
class message_source {
 public:
  // `client`: its number within the group, for the topics.
  message_source(const message_shape& shape, const text_template& topic, std::uint32_t publisher, std::uint32_t client);

  // What one message takes at most, in bytes.
  std::size_t most_bytes() const { return most_bytes_; }
  // Writes a PUBLISH and returns its end. `packet_id` counts above QoS 0 only.
  std::uint8_t* write(std::uint64_t sequence, std::uint64_t intended_ns, std::uint16_t packet_id, bool dup,
                      std::uint8_t* out) const;
  std::uint32_t topics() const { return static_cast<std::uint32_t>(topics_.size()); }
  // The topic that has its turn at `place`, modulo their number.
  std::string_view topic_at(std::size_t place) const;

 private:
  struct topic {
    std::uint32_t begin = 0;  // in text_
    std::uint32_t hash = 0;
  };
  std::uint32_t payload_size_of(std::uint64_t sequence) const;

  const message_shape* shape_;
  std::uint32_t publisher_;
  std::size_t most_bytes_ = 0;
  std::string text_;  // of all topics, in their order
  std::vector<topic> topics_;
};

// One whole packet within received bytes.
struct packet {
  std::uint8_t first_byte = 0;
  const std::uint8_t* body = nullptr;  // after the fixed header
  std::size_t size = 0;                // of the body
  const std::uint8_t* end() const { return body + size; }
  mqtt::packet_type type() const { return static_cast<mqtt::packet_type>(first_byte >> 4); }
};

// The packet at `at`, and where the next one starts; nullptr while it is incomplete or if its length is none, which
// `length_is_wrong` tells. mqtt::next_frame() does the same with every check of flags, and costs more than a message
// may cost here.
inline const std::uint8_t* split_packet(const std::uint8_t* at, const std::uint8_t* end, packet& found,
                                        bool& length_is_wrong) {
  if (at == end) return nullptr;
  std::size_t size = 0;
  const std::uint8_t* length = at + 1;
  for (int shift = 0; length < end; shift += 7) {
    if (shift == 28) {
      length_is_wrong = true;
      return nullptr;
    }
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

inline std::uint16_t read_u16(const std::uint8_t* at) {
  return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}

// A PUBLISH that a client has received.
struct received {
  enum class kind : std::uint8_t {
    ours,        // `mark` is whole; is_whole says whether what follows it is as well
    foreign,     // `mark` is whole, and of another run
    unreadable,  // no stamp, or a damaged one
    malformed,   // no PUBLISH that the standard allows
  };
  kind what = kind::malformed;
  bool is_whole = true;
  bool has_own_topic = true;
  bool dup = false;
  bool retain = false;
  std::uint8_t qos = 0;
  std::uint16_t packet_id = 0;  // 0 at QoS 0
  std::uint32_t payload_size = 0;
  stamp mark;
};
received read_delivery(const packet& found, mqtt::version version, std::uint32_t run);

}  // namespace headgate::loadtest::core
