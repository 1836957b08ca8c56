#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "loadtest/core/results.hpp"

namespace headgate::loadtest::commands {

// Tells on standard error how a run goes: on a terminal one line that is written over, elsewhere a line whenever a
// phase begins and every 10 s. One thread.
class progress_output {
 public:
  explicit progress_output(bool on_terminal) : on_terminal_(on_terminal) {}
  void show(const core::progress& progress);
  // Removes the line from the terminal.
  void end();

 private:
  using clock = std::chrono::steady_clock;

  void write_over(const std::string& line);

  bool on_terminal_;
  bool stands_there_ = false;
  std::optional<core::progress::phase> phase_;
  clock::time_point last_{};
};

}  // namespace headgate::loadtest::commands
