#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mqtt/framing.hpp"
#include "mqtt/reason_code.hpp"
#include "mqtt/types.hpp"

namespace headgate::worker::testing {

// What a client heard, a line a packet, so that tests read as a conversation:
//   "connack 00", "connack present 00", "publish q1 #3 topic payload", "publish q2 #3 dup retain topic payload",
//   "publish q0 alias 2 topic payload", "puback #3", "pubrec #3 10", "suback #7 00 01", "unsuback #7 11", "pingresp",
//   "disconnect 8e"
using lines = std::vector<std::string>;

std::string hex_of(mqtt::reason_code reason);

std::string line_of(const mqtt::frame& packet, mqtt::version version);

// The whole packets at the start of `text`, which are taken away.
template <class Visit>
void take_frames(std::string& text, Visit visit) {
  std::size_t done = 0;
  for (;;) {
    const auto found = mqtt::next_frame(base::as_bytes(text).subspan(done), mqtt::max_remaining_length);
    EXPECT_NE(found.what, mqtt::frame_outcome::kind::malformed);
    if (found.what != mqtt::frame_outcome::kind::complete) break;
    done += found.size;
    visit(found.packet);
  }
  text.erase(0, done);
}

}  // namespace headgate::worker::testing
