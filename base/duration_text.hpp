#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace headgate::base {

// Nanoseconds of a time as people write it: digits, perhaps with a point, and us, ms, s, m or h right behind them;
// without a unit: seconds. "250us", "50ms", "1.5s", "10", "2m", "1h". Nothing for anything else, a sign or an exponent
// among them, and past 10^18 ns (30 years).
std::optional<std::uint64_t> parse_duration(std::string_view text);

}  // namespace headgate::base
