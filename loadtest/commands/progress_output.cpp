#include "loadtest/commands/progress_output.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include "loadtest/commands/standard_streams.hpp"
#include "loadtest/report/progress_line.hpp"

namespace headgate::loadtest::commands {

namespace {

constexpr std::chrono::seconds between_lines{10};
constexpr const char* erase_line = "\r\x1b[K";

std::size_t columns_of_terminal() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// A line that reaches the end of the terminal would be broken, and could not be written over.
std::string cut_to(const std::string& line, std::size_t columns) {
  std::size_t width = 0;
  for (std::size_t n = 0; n < line.size(); ++n) {
    const bool begins_character = (static_cast<unsigned char>(line[n]) & 0xc0U) != 0x80U;
    if (begins_character && ++width >= columns) return line.substr(0, n);
  }
  return line;
}

}  // namespace

void progress_output::show(const core::progress& progress) {
  const auto line = report::progress_line(progress);
  if (on_terminal_) {
    write_over(line);
    return;
  }
  const auto now = clock::now();
  if (phase_ == progress.what && now - last_ < between_lines) return;
  phase_ = progress.what;
  last_ = now;
  write_error(line + "\n");
}

void progress_output::write_over(const std::string& line) {
  write_error(erase_line + cut_to(line, columns_of_terminal()));
  stands_there_ = true;
}

void progress_output::end() {
  if (stands_there_) write_error(erase_line);
  stands_there_ = false;
}

}  // namespace headgate::loadtest::commands
