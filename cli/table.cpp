#include "cli/table.hpp"

#include <unistd.h>

#include <algorithm>

namespace headgate::cli {

namespace {

// Characters, not bytes: what continues one in UTF-8 takes no room of its own.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

void append_row(std::string& text, const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  for (std::size_t n = 0; n < cells.size(); ++n) {
    text += cells[n];
    if (n + 1 < cells.size()) text.append(widths[n] - width_of(cells[n]) + 2, ' ');
  }
  text += '\n';
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string line;
  for (std::size_t n = 0; n < text.size(); ++n) {
    const auto byte = static_cast<unsigned char>(text[n]);
    // U+0080 to U+009F are control characters too; in UTF-8 they are C2 80 to C2 9F.
    const bool second = n > 0 && text[n - 1] == '\xc2' && byte >= 0x80 && byte < 0xa0;
    const bool first = byte == 0xc2 && n + 1 < text.size() && static_cast<unsigned char>(text[n + 1]) < 0xa0;
    if (byte < 0x20 || byte == 0x7f || second || first) {
      line += {'\\', 'x', digits[byte >> 4U], digits[byte & 0xfU]};
    } else {
      line += text[n];
    }
  }
  return line;
}

std::string table::text(bool on_terminal) const {
  auto rows = rows_;
  for (auto& row : rows) {
    for (auto& cell : row) cell = printable(cell);
  }
  std::string text;
  if (!on_terminal) {
    for (const auto& row : rows) {
      for (std::size_t n = 0; n < row.size(); ++n) text += row[n] + (n + 1 < row.size() ? "\t" : "\n");
    }
    return text;
  }
  if (!headings_.empty()) rows.insert(rows.begin(), headings_);
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t n = 0; n < row.size(); ++n) widths[n] = std::max(widths[n], width_of(row[n]));
  }
  for (const auto& row : rows) append_row(text, row, widths);
  return text;
}

bool output_is_terminal() {
  return ::isatty(STDOUT_FILENO) == 1;
}

}  // namespace headgate::cli
