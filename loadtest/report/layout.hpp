#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headgate::loadtest::report {

// One part of a report: rows under a title, perhaps with headings. Cells are made printable when they are laid out.
struct section {
  std::string title;
  std::vector<std::string> headings;  // empty: none
  std::vector<std::vector<std::string>> rows;
  bool is_numeric = false;         // all columns but the first are aligned to the right
  std::vector<std::string> notes;  // sentences below the rows
};

// What must not be overlooked.
struct notice {
  std::string headline;
  std::vector<std::string> sentences;
};

// On a terminal: titles, and columns that are aligned. Elsewhere each row is one line that stands for itself, for grep
// and awk: the title, then every cell, below headings as "HEADING VALUE", with tabs between. Sections without rows are
// left out.
std::string lay_out(const std::vector<section>& sections, bool on_terminal);

// A frame with the headline in capitals and the sentences, broken into lines.
std::string framed(const notice& what);

// Lines of at most `width` characters, broken at spaces.
std::vector<std::string> broken_into_lines(std::string_view text, std::size_t width);

// Characters, not bytes.
std::size_t width_of(std::string_view text);

}  // namespace headgate::loadtest::report
