#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The words of command lines.
namespace headgate::loadtest::relay {

// Separated by spaces or tabs; between single or double quotes they may hold those. Nothing if a quote is not closed.
std::optional<std::vector<std::string>> split_words(std::string_view line);

// "12"; nothing for what is none or has more than 64 bits.
std::optional<std::uint64_t> parse_number(std::string_view text);
// As base::parse_duration(), at most 1000 hours.
std::optional<std::uint64_t> parse_duration(std::string_view text);
// "1000", "10KiB", "1.5MiB", "2GiB", "10kB", "1MB", "1GB" in bytes, 1 byte to 1 TiB.
std::optional<std::uint64_t> parse_bytes(std::string_view text);
// "0.001", "1%", above 0 and at most 1.
std::optional<double> parse_probability(std::string_view text);

}  // namespace headgate::loadtest::relay
