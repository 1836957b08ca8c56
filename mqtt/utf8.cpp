#include "mqtt/utf8.hpp"

#include <cstring>

namespace headgate::mqtt {
namespace {

constexpr std::uint64_t every_byte(std::uint8_t value) {
  return 0x0101'0101'0101'0101U * value;
}

// Whether eight bytes are all between 0x01 and 0x7f. The sum can't carry from one byte into the next where none has its
// high bit, and where one has, the answer is no already.
bool is_plain(std::uint64_t word) {
  return ((word | ~(word + every_byte(0x7f))) & every_byte(0x80)) == 0;
}

bool is_continuation(std::uint8_t byte) {
  return (byte & 0xc0) == 0x80;
}

// The size of the sequence of two to four bytes that begins at `at`, or 0 if it is ill-formed. The bounds of the second
// byte refuse overlong forms, surrogates and what is above U+10FFFF (RFC 3629, section 4).
std::size_t sequence_size(const std::uint8_t* at, const std::uint8_t* end) {
  const std::uint8_t lead = at[0];
  const auto left = static_cast<std::size_t>(end - at);
  if (lead < 0xc2 || lead > 0xf4 || left < 2) return 0;
  const std::uint8_t second = at[1];
  if (lead < 0xe0) return is_continuation(second) ? 2 : 0;
  if (lead < 0xf0) {
    const std::uint8_t low = lead == 0xe0 ? 0xa0 : 0x80;
    const std::uint8_t high = lead == 0xed ? 0x9f : 0xbf;
    return left >= 3 && second >= low && second <= high && is_continuation(at[2]) ? 3 : 0;
  }
  const std::uint8_t low = lead == 0xf0 ? 0x90 : 0x80;
  const std::uint8_t high = lead == 0xf4 ? 0x8f : 0xbf;
  return left >= 4 && second >= low && second <= high && is_continuation(at[2]) && is_continuation(at[3]) ? 4 : 0;
}

}  // namespace

text_check check_utf8(bytes text) {
  const std::uint8_t* at = text.data();
  const std::uint8_t* const end = at + text.size();
  while (at != end) {
    std::uint64_t word;
    while (end - at >= 8 && (std::memcpy(&word, at, 8), is_plain(word))) at += 8;
    // Up to eight bytes or one sequence singly, then eight at a time again.
    for (int left = 8; left > 0 && at != end; --left) {
      if (*at == 0) return text_check::has_nul;
      const std::size_t size = *at < 0x80 ? 1 : sequence_size(at, end);
      if (size == 0) return text_check::not_utf8;
      at += size;
    }
  }
  return text_check::good;
}

}  // namespace headgate::mqtt
