#pragma once

#include "mqtt/errc.hpp"
#include "mqtt/types.hpp"

namespace headgate::mqtt {

// One whole packet inside received bytes.
struct frame {
  packet_type type{};
  std::uint8_t flags = 0;  // the low four bits of the first byte
  bytes body{};            // after the fixed header
};

// What next_frame() found at the start of the bytes.
struct frame_outcome {
  enum class kind : std::uint8_t {
    complete,    // `packet` is set, `size` bytes belong to it
    incomplete,  // more is needed; `size` is the size of the whole packet where it is known already, else 0
    malformed,   // `error` says why: close the connection
  };
  kind what = kind::incomplete;
  errc error{};
  std::size_t size = 0;
  frame packet{};
};

// Finds the packet at the start of `input`, without a copy, however the stream was split. A packet of more than
// `maximum_size` bytes (with its fixed header) is refused as soon as its length is known.
// Checks the packet type and the reserved flags [MQTT-2.1.3-1]; in 3.1 PUBREL, SUBSCRIBE and UNSUBSCRIBE may also have
// DUP set, which says that they are sent again (3.1, 2.1). PUBLISH flags are left to decode_publish(), and AUTH
// before MQTT 5 to the caller, who knows the version. A Remaining Length in more bytes than it needs is malformed in
// MQTT 5 [MQTT-1.5.5-1]; before it is taken, as it is in a CONNECT whose version is not known yet.
frame_outcome next_frame(bytes input, std::uint32_t maximum_size, version version = version::v5);

// Size in bytes of `value` as a Variable Byte Integer (MQTT 5.0, 1.5.5): 1 to 4. value <= max_remaining_length.
inline std::size_t variable_byte_integer_size(std::uint32_t value) {
  return std::size_t{1} + (value > 0x7f) + (value > 0x3fff) + (value > 0x1f'ffff);
}

// Writes it and returns the end of what was written.
inline std::uint8_t* write_variable_byte_integer(std::uint8_t* out, std::uint32_t value) {
  while (value > 0x7f) {
    *out++ = static_cast<std::uint8_t>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<std::uint8_t>(value);
  return out;
}

// Size of a packet with its fixed header. remaining_length <= max_remaining_length.
inline std::size_t packet_size(std::size_t remaining_length) {
  return 1 + variable_byte_integer_size(static_cast<std::uint32_t>(remaining_length)) + remaining_length;
}

// Writes a fixed header and returns its end.
inline std::uint8_t* write_fixed_header(std::uint8_t* out, packet_type type, std::uint8_t flags,
                                        std::size_t remaining_length) {
  *out++ = static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | flags);
  return write_variable_byte_integer(out, static_cast<std::uint32_t>(remaining_length));
}

}  // namespace headgate::mqtt
