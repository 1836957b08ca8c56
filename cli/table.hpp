#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headgate::cli {

// Text that may come from anybody, such as a client id, as one line without control characters: those, which could
// move the cursor of a terminal or end a line, are written \xNN.
std::string printable(std::string_view text);

// Rows under headings. On a terminal the columns are aligned by their widest cell; elsewhere cells have tabs between
// them and there are no headings, for cut, awk and sort. Cells are made printable.
class table {
 public:
  explicit table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  std::string text(bool on_terminal) const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

bool output_is_terminal();

}  // namespace headgate::cli
