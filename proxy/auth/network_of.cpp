#include "proxy/auth/network_of.hpp"

#include <array>
#include <charconv>
#include <optional>

#include "base/hash.hpp"

namespace headgate::proxy::auth {

namespace {

// IPv6 addresses that begin with ff are of groups: none of them is a client's.
constexpr std::uint64_t mark_of_v4 = 0xffff'ffff'0000'0000ULL;
constexpr std::uint64_t mark_of_text = 0xff00'0000'0000'0000ULL;

std::optional<std::uint32_t> number_of(std::string_view digits, int base, std::uint32_t most) {
  std::uint32_t number = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, number, base);
  if (error != std::errc{} || stopped != end || number > most) return std::nullopt;
  return number;
}

std::optional<std::uint32_t> v4_of(std::string_view text) {
  std::uint32_t address = 0;
  for (int left = 4; left > 0; --left) {
    const auto dot = left > 1 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return std::nullopt;
    const auto byte = number_of(text.substr(0, dot), 10, 255);
    if (!byte) return std::nullopt;
    address = address << 8 | *byte;
    text.remove_prefix(left > 1 ? dot + 1 : dot);
  }
  return address;
}

// The groups of one side of "::".
struct groups {
  std::array<std::uint16_t, 8> values{};
  std::size_t count = 0;
};

bool read_groups(std::string_view text, groups& read) {
  while (!text.empty()) {
    const auto colon = text.find(':');
    const auto group = text.substr(0, colon);
    if (const auto v4 = colon == std::string_view::npos ? v4_of(group) : std::nullopt; v4 && read.count <= 6) {
      read.values[read.count++] = static_cast<std::uint16_t>(*v4 >> 16);
      read.values[read.count++] = static_cast<std::uint16_t>(*v4 & 0xffff);
      return true;
    }
    const auto value = number_of(group, 16, 0xffff);
    if (!value || read.count == read.values.size()) return false;
    read.values[read.count++] = static_cast<std::uint16_t>(*value);
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;
  }
  return true;
}

std::optional<std::array<std::uint16_t, 8>> v6_of(std::string_view text) {
  const auto gap = text.find("::");
  groups front;
  groups back;
  if (!read_groups(text.substr(0, gap), front)) return std::nullopt;
  if (gap == std::string_view::npos) return front.count == 8 ? std::optional(front.values) : std::nullopt;
  if (!read_groups(text.substr(gap + 2), back) || front.count + back.count > 7) return std::nullopt;
  for (std::size_t n = 0; n < back.count; ++n) front.values[8 - back.count + n] = back.values[n];
  return front.values;
}

}  // namespace

std::uint64_t network_of(std::string_view address) {
  if (const auto v4 = v4_of(address)) return mark_of_v4 | *v4;
  if (const auto v6 = v6_of(address.substr(0, address.find('%')))) {
    const auto& group = *v6;
    const auto first = std::uint64_t{group[0]} << 48 | std::uint64_t{group[1]} << 32 | std::uint64_t{group[2]} << 16 |
                       std::uint64_t{group[3]};
    if (first != 0) return first;
    if (group[4] == 0 && group[5] == 0xffff) return mark_of_v4 | std::uint64_t{group[6]} << 16 | group[7];
    return mark_of_text;  // of ::/64, where there is no client but ::1
  }
  return mark_of_text | 1ULL << 48 | base::hash_of(address) >> 16;
}

}  // namespace headgate::proxy::auth
