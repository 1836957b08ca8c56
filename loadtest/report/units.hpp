#pragma once

#include <cstdint>
#include <string>

// Numbers for people: with the unit that fits and three digits that count.
namespace headgate::loadtest::report {

std::string duration_text(double ns);         // "850 ns", "12.3 µs", "4.56 ms", "1.20 s", "125 s"
std::string seconds_text(double seconds);     // the same of seconds
std::string amount_text(double value);        // "0", "4,711", "0.25", "12.3 k", "4.56 M": exact below 10,000
std::string count_text(std::uint64_t count);  // "1,234,567": exact
std::string bytes_text(double bytes);         // "300 B", "12.3 KiB", "4.56 MiB", "1.20 GiB"
std::string share_text(double share);         // of 1: "83.1 %"

}  // namespace headgate::loadtest::report
