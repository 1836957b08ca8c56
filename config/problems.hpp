#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace headgate::config {

// What is wrong with a configuration: as many sentences as somebody reads at once.
class problems {
 public:
  static constexpr std::size_t most = 20;

  // `where` is "FILE:LINE" or the name of a variable.
  void add(const std::string& where, const std::string& sentence) {
    if (full()) {
      more_ = true;
      return;
    }
    lines_.push_back(where + ": " + sentence);
  }

  // There is no use in looking for more of them.
  bool full() const { return lines_.size() == most; }
  bool empty() const { return lines_.empty(); }

  // A sentence a line.
  std::string text() const {
    std::string all;
    for (const auto& line : lines_) all += (all.empty() ? "" : "\n") + line;
    return more_ ? all + "\nthere are more: these are the first " + std::to_string(most) : all;
  }

 private:
  std::vector<std::string> lines_;
  bool more_ = false;
};

}  // namespace headgate::config
