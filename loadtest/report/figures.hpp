#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "loadtest/core/results.hpp"

// What both the table and the JSON say about results.
namespace headgate::loadtest::report {

// So much of something for each of `count`; nothing of none.
inline std::optional<double> for_each(double amount, std::uint64_t count) {
  if (count == 0) return std::nullopt;
  return amount / static_cast<double>(count);
}

inline double a_second(std::uint64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

struct percentile {
  double share;
  std::string_view name;    // for people
  std::string_view member;  // in JSON
};
inline constexpr std::array<percentile, 5> percentiles{{{0.5, "p50", "p50_us"},
                                                        {0.9, "p90", "p90_us"},
                                                        {0.99, "p99", "p99_us"},
                                                        {0.999, "p99.9", "p99_9_us"},
                                                        {0.9999, "p99.99", "p99_99_us"}}};

// A kind of fault, in the order of core::fault_kind.
struct fault_name {
  std::string_view name;    // for people
  std::string_view member;  // in JSON
};
inline constexpr std::array<fault_name, core::fault_kinds> fault_names{
    {{"lost", "lost"},
     {"duplicated", "duplicated"},
     {"duplicated at QoS 2", "duplicated_at_qos_2"},
     {"reordered", "reordered"},
     {"corrupted", "corrupted"},
     {"misdelivered", "misdelivered"},
     {"never acknowledged", "never_acknowledged"},
     {"wrongly acknowledged", "wrong_acknowledgement"},
     {"session lost", "session_lost"}}};

inline const fault_name& name_of(core::fault_kind kind) {
  return fault_names[static_cast<std::size_t>(kind)];
}

}  // namespace headgate::loadtest::report
