#include "loadtest/report/layout.hpp"

#include <algorithm>
#include <cctype>

#include "base/printable.hpp"

namespace headgate::loadtest::report {

namespace {

constexpr std::size_t frame_width = 76;

using cells = std::vector<std::string>;

// The last cell of a row may be long: nothing is aligned to it, unless it is a number below others.
bool is_aligned(const cells& row, std::size_t column, bool is_numeric) {
  return is_numeric || column + 1 < row.size();
}

void append_row(std::string& text, const cells& row, const std::vector<std::size_t>& widths, bool is_numeric) {
  for (std::size_t n = 0; n < row.size(); ++n) {
    const std::string blanks(is_aligned(row, n, is_numeric) ? widths[n] - width_of(row[n]) : 0, ' ');
    text += "  ";
    text += is_numeric && n > 0 ? blanks + row[n] : row[n] + blanks;
  }
  text.erase(text.find_last_not_of(' ') + 1);
  text += "\n";
}

void append_table(std::string& text, const section& part) {
  std::vector<cells> rows;
  if (!part.headings.empty()) rows.push_back(part.headings);
  rows.insert(rows.end(), part.rows.begin(), part.rows.end());
  std::vector<std::size_t> widths;
  for (auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t n = 0; n < row.size(); ++n) {
      row[n] = base::printable(row[n]);
      if (is_aligned(row, n, part.is_numeric)) widths[n] = std::max(widths[n], width_of(row[n]));
    }
  }
  for (const auto& row : rows) append_row(text, row, widths, part.is_numeric);
  for (const auto& note : part.notes) text += "  " + base::printable(note) + "\n";
}

void append_lines(std::string& text, const section& part) {
  for (const auto& row : part.rows) {
    text += part.title;
    for (std::size_t n = 0; n < row.size(); ++n) {
      text += "\t";
      const bool has_heading = n > 0 && n < part.headings.size() && !part.headings[n].empty();
      if (has_heading && !row[n].empty()) text += part.headings[n] + " ";
      text += base::printable(row[n]);
    }
    while (text.back() == '\t') text.pop_back();
    text += "\n";
  }
  for (const auto& note : part.notes) text += part.title + "\t" + base::printable(note) + "\n";
}

std::string in_capitals(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(c < 0x80 ? std::toupper(c) : c); });
  return text;
}

}  // namespace

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string lay_out(const std::vector<section>& sections, bool on_terminal) {
  std::string text;
  for (const auto& part : sections) {
    if (part.rows.empty()) continue;
    if (!on_terminal) {
      append_lines(text, part);
      continue;
    }
    if (!text.empty()) text += "\n";
    text += part.title + "\n";
    append_table(text, part);
  }
  return text;
}

std::vector<std::string> broken_into_lines(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && width_of(line) + 1 + width_of(word) > width) {
      lines.push_back(line);
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

std::string framed(const notice& what) {
  cells lines = broken_into_lines(in_capitals(base::printable(what.headline)), frame_width);
  for (const auto& sentence : what.sentences) {
    bool is_first = true;
    for (const auto& line : broken_into_lines(base::printable(sentence), frame_width - 2)) {
      lines.push_back((is_first ? "- " : "  ") + line);
      is_first = false;
    }
  }
  std::size_t width = 0;
  for (const auto& line : lines) width = std::max(width, width_of(line));
  const std::string border = "+" + std::string(width + 2, '-') + "+\n";
  std::string text = border;
  for (const auto& line : lines) text += "| " + line + std::string(width - width_of(line), ' ') + " |\n";
  return text + border;
}

}  // namespace headgate::loadtest::report
