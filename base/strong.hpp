#pragma once

#include <compare>
#include <cstdint>

namespace headgate::base {

// A number that cannot be swapped for another: using offset = strong<struct offset_tag, std::uint64_t>.
template <class Tag, class Number>
struct strong {
  using number_type = Number;
  Number value{};

  constexpr strong() = default;
  constexpr explicit strong(Number number) : value(number) {}
  friend constexpr auto operator<=>(strong, strong) = default;
};

}  // namespace headgate::base
