#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// How values are written in a file, the environment and on the command line: the same everywhere.
namespace headgate::config {

struct range {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};

// Decimal digits and nothing else; nothing if it is none or out of range.
std::optional<std::uint64_t> parse_number(std::string_view text, range range);
std::string describe_numbers(range range);

// A number of bytes, or one with KiB, MiB, GiB or TiB behind it (powers of 1,024).
std::optional<std::uint64_t> parse_size(std::string_view text, range range);
// With the largest unit that leaves a whole number.
std::string show_size(std::uint64_t bytes);
std::string describe_sizes(range range);

// Without control characters, so that it stands on one line wherever it is shown.
bool is_one_line(std::string_view text);
// In quotes for a sentence: on one line, and cut when it is long.
std::string quoted(std::string_view text);

// Where the first byte stands that is no UTF-8 (RFC 3629) or a control character other than tab and line ends (\n and
// \r\n), which no text file has; nothing if all is well.
std::optional<std::size_t> find_bad_text(std::string_view text);

}  // namespace headgate::config
