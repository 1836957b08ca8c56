#include "config/value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace headgate::config {

namespace {

constexpr std::size_t quoted_size = 80;

using unit = std::pair<std::string_view, int>;
constexpr std::array<unit, 4> units = {unit{"TiB", 40}, unit{"GiB", 30}, unit{"MiB", 20}, unit{"KiB", 10}};

bool is_control(char byte) {
  return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
}

// The length of the character that begins there, or 0 if none does.
std::size_t utf8_size(std::string_view text) {
  const auto byte = [&](std::size_t n) { return static_cast<unsigned char>(n < text.size() ? text[n] : '\0'); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (std::size_t n = 1; n < size; ++n) {
    if ((byte(n) & 0xc0) != 0x80) return 0;
  }
  // Too long for what it says, a surrogate, or above U+10FFFF.
  const unsigned second = byte(1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  return size;
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text, range range) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < range.least || value > range.most)
    return std::nullopt;
  return value;
}

std::string describe_numbers(range range) {
  return "a whole number from " + std::to_string(range.least) + " to " + std::to_string(range.most);
}

std::optional<std::uint64_t> parse_size(std::string_view text, range range) {
  for (const auto& [name, shift] : units) {
    if (!text.ends_with(name)) continue;
    const auto count = parse_number(text.substr(0, text.size() - name.size()), {0, range.most >> shift});
    if (!count || *count << shift < range.least) return std::nullopt;
    return *count << shift;
  }
  return parse_number(text, range);
}

std::string show_size(std::uint64_t bytes) {
  for (const auto& [name, shift] : units) {
    if (bytes != 0 && bytes % (std::uint64_t{1} << shift) == 0) return std::to_string(bytes >> shift).append(name);
  }
  return std::to_string(bytes);
}

std::string describe_sizes(range range) {
  return "a number of bytes from " + show_size(range.least) + " to " + show_size(range.most) +
         ", which may end in KiB, MiB, GiB or TiB";
}

bool is_one_line(std::string_view text) {
  return std::ranges::none_of(text, is_control);
}

std::string quoted(std::string_view text) {
  std::string shown = "'";
  for (std::size_t at = 0; at < text.size();) {
    if (at >= quoted_size) return shown + "…'";
    const auto size = utf8_size(text.substr(at));
    if (size == 0 || is_control(text[at])) {
      shown += '?';
      ++at;
    } else {
      shown += text.substr(at, size);
      at += size;
    }
  }
  return shown + "'";
}

std::optional<std::size_t> find_bad_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto size = utf8_size(text.substr(at));
    const char byte = text[at];
    const bool ends_line = byte == '\n' || text.substr(at).starts_with("\r\n");
    if (size == 0 || (is_control(byte) && byte != '\t' && !ends_line)) return at;
    at += size;
  }
  return std::nullopt;
}

}  // namespace headgate::config
