#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <string_view>
#include <vector>

#include "mqtt/framing.hpp"

namespace headgate::mqtt {

using buffer = std::vector<std::uint8_t>;

inline void PrintTo(errc error, std::ostream* out) {
  *out << explain(error);
}
inline void PrintTo(reason_code code, std::ostream* out) {
  *out << name_of(code);
}

// Bytes as a packet's author writes them: hexadecimal numbers, text between single quotes, and between brackets what
// has its size before it in one byte.
//   hex("30 [0003 'a/b']") == hex("30 05 0003 'a/b'")
inline buffer hex(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  buffer out;
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') continue;
    if (text[i] == '[') {
      open.push_back(out.size());
      out.push_back(0);
    } else if (text[i] == ']') {
      out[open.back()] = static_cast<std::uint8_t>(out.size() - open.back() - 1);
      open.pop_back();
    } else if (text[i] == '\'') {
      const std::size_t end = text.find('\'', i + 1);
      for (++i; i < end; ++i) out.push_back(static_cast<std::uint8_t>(text[i]));
    } else {
      out.push_back(static_cast<std::uint8_t>(digit(text[i]) << 4 | digit(text[i + 1])));
      ++i;
    }
  }
  return out;
}

// A frame with bytes of its own, without spare bytes behind them, so that the address sanitizer sees a read too far.
class owned_frame {
 public:
  owned_frame(std::uint8_t first_byte, bytes body) : body_(body.begin(), body.end()) {
    body_.shrink_to_fit();
    frame_ = {static_cast<packet_type>(first_byte >> 4), static_cast<std::uint8_t>(first_byte & 0xf), body_};
  }
  owned_frame(std::uint8_t first_byte, std::string_view body) : owned_frame(first_byte, hex(body)) {}
  owned_frame(const owned_frame&) = delete;
  owned_frame& operator=(const owned_frame&) = delete;

  operator const frame&() const { return frame_; }  // NOLINT(google-explicit-constructor)

 private:
  buffer body_;
  frame frame_;
};

// The one packet that `data` holds, no byte more.
inline frame frame_of(bytes data) {
  const frame_outcome outcome = next_frame(data, max_remaining_length);
  EXPECT_EQ(outcome.what, frame_outcome::kind::complete);
  EXPECT_EQ(outcome.size, data.size());
  return outcome.packet;
}

template <class T>
std::optional<errc> error_of(const result<T>& decoded) {
  if (decoded) return std::nullopt;
  return decoded.error();
}

inline bool equal(bytes a, bytes b) {
  return std::ranges::equal(a, b);
}

// Encodes into a buffer of encoded_size() bytes and checks that the two agree.
template <class Packet, class... Version>
buffer encoded(const Packet& packet, Version... version) {
  buffer out(encoded_size(packet, version...) + 1, 0xee);
  const std::uint8_t* const end = encode(packet, version..., out.data());
  EXPECT_EQ(end, out.data() + out.size() - 1);
  EXPECT_EQ(out.back(), 0xee);
  out.pop_back();
  return out;
}

inline constexpr version every_version[] = {version::v3_1, version::v3_1_1, version::v5};

}  // namespace headgate::mqtt
