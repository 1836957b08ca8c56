#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "message.hpp"

namespace headgate::bench {

// What went wrong with the deliveries of a run; all zero in a good one.
struct faults {
  std::uint64_t losses = 0;        // messages missing at their place
  std::uint64_t out_of_order = 0;  // messages duplicated or behind a later one of the same publisher
  std::uint64_t wrong = 0;         // a wrong topic, QoS or size, or an acknowledgement that was not due

  faults& operator+=(const faults& other) {
    losses += other.losses;
    out_of_order += other.out_of_order;
    wrong += other.wrong;
    return *this;
  }
};

// What one subscriber is to receive from one publisher: every sequence number, in order, once.
struct delivery_position {
  std::uint64_t next = 0;

  void take(std::uint64_t sequence, faults& seen) {
    if (sequence >= next) [[likely]] {
      seen.losses += sequence - next;
      next = sequence + 1;
    } else {
      ++seen.out_of_order;
    }
  }
};

// Reads the PUBLISH packets that a subscriber gets, and collects the PUBACKs that it owes for them.
class delivery_reader {
 public:
  delivery_reader(mqtt::version version, mqtt::qos qos, std::uint32_t payload_size)
      : has_properties_(version == mqtt::version::v5),
        qos_(static_cast<std::uint8_t>(qos)),
        payload_size_(payload_size) {}

  // The stamp of a delivery. A packet that is no PUBLISH ends the run; one with something wrong in it is counted.
  stamp read(const packet& found, faults& seen) {
    if (type_of(found) != type_publish || found.size < 2) unexpected(found);
    const std::uint8_t* const topic_end = found.body + 2 + read_u16(found.body);
    const std::uint8_t* payload = topic_end + (qos_of(found) != 0 ? 2 : 0);
    if (has_properties_ && payload < found.end()) payload += 1 + *payload;
    if (payload + payload_size_ != found.end() || qos_of(found) != qos_) unexpected(found);
    if (qos_ != 0) acknowledge(topic_end);
    stamp read;
    std::memcpy(&read, payload, stamp_size);
    if (std::memcmp(&read.topic_number, topic_end - topic_number_size, topic_number_size) != 0) ++seen.wrong;
    return read;
  }

  // The PUBACKs of the packets read since the last call, to be sent at once.
  std::span<const std::uint8_t> take_acknowledgements() {
    const std::size_t size = owed_;
    owed_ = 0;
    return {acknowledgements_.data(), size};
  }

 private:
  void acknowledge(const std::uint8_t* packet_id) {
    if (owed_ == acknowledgements_.size()) acknowledgements_.resize(owed_ + 4 * 1'024);
    std::uint8_t* const out = acknowledgements_.data() + owed_;
    out[0] = type_puback;
    out[1] = 2;
    out[2] = packet_id[0];
    out[3] = packet_id[1];
    owed_ += 4;
  }
  [[noreturn]] void unexpected(const packet& found) const {
    throw std::runtime_error("a subscriber received a packet that it did not expect: first byte " +
                             std::to_string(found.first_byte) + ", " + std::to_string(found.size) + " bytes");
  }

  bool has_properties_;
  std::uint8_t qos_;
  std::uint32_t payload_size_;
  std::size_t owed_ = 0;
  std::vector<std::uint8_t> acknowledgements_;
};

// What a publisher at QoS 1 gets back: the id of each of its packets, in order [MQTT-4.6.0-2].
struct acknowledged_position {
  std::uint64_t count = 0;
  std::uint16_t last_id = 0;

  void take(const packet& found, faults& seen) {
    const std::uint16_t due = id_after(last_id);
    if (type_of(found) != type_puback || found.size < 2 || read_u16(found.body) != due) ++seen.wrong;
    // A reason of 0x10, no matching subscribers, would be a loss as well.
    if (found.size > 2 && found.body[2] != 0) ++seen.wrong;
    last_id = due;
    ++count;
  }
};

}  // namespace headgate::bench
