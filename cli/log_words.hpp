#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What `headgate log` reads and writes for people.
namespace headgate::cli {

// "2026-11-27T08:20:35.123Z"
std::string utc_text(std::uint64_t wall_ms);
// Milliseconds since 1970 of a time in UTC, "2026-11-27", "2026-11-27T08:20", "…:35" or "…:35.123", with or without Z;
// or of one so long before `now_ms`, "90s", "15m", "2h". Nothing for anything else.
std::optional<std::uint64_t> parse_time(std::string_view text, std::uint64_t now_ms);
// "731 B", "4.2 KiB", "256.0 MiB"
std::string size_text(std::uint64_t bytes);
// "1,234,567"
std::string digits_text(std::uint64_t number);
// "1 segment", "1,200 segments"
std::string count_text(std::uint64_t number, std::string_view noun);

}  // namespace headgate::cli
