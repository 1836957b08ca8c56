#include "cli/console_log.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <climits>

#include "cli/log_text.hpp"

namespace headgate::cli {

namespace {

// What a pipe takes in one piece, and the share of it that is kept for the note about lines that were lost.
constexpr std::size_t most_bytes = PIPE_BUF;
constexpr std::size_t note_bytes = 512;

bool is_below(base::severity severity, config::log_level level) {
  switch (level) {
    case config::log_level::info:
      return false;
    case config::log_level::warning:
      return severity == base::severity::info;
    case config::log_level::error:
      return severity != base::severity::error;
  }
  return false;
}

}  // namespace

void console_log::write(const base::log_line& line) {
  if (!is_below(line.severity, level_.load(std::memory_order_relaxed))) write_always(line);
}

void console_log::write_always(const base::log_line& line) {
  auto text = format(line, most_bytes - note_bytes);
  const std::lock_guard lock(writing_);
  if (lost_in_a_row_ > 0) {
    const auto count = std::to_string(lost_in_a_row_);
    const auto sentence = count + " lines before this one found no reader";
    const base::log_field field{"lines", count};
    text.insert(0, format({base::severity::warning, "log_lines_lost", sentence, {&field, 1}}, note_bytes));
  }
  if (write_at_once(text)) {
    lost_in_a_row_ = 0;
    lines_.fetch_add(1, std::memory_order_relaxed);
  } else {
    ++lost_in_a_row_;
    lines_lost_.fetch_add(1, std::memory_order_relaxed);
  }
}

std::string console_log::format(const base::log_line& line, std::size_t most) const {
  const auto now = std::chrono::system_clock::now();
  switch (format_.load(std::memory_order_relaxed)) {
    case config::log_format::text:
      return text_line(line, now, most);
    case config::log_format::json:
      return json_line(line, now, most);
  }
  return "";
}

bool console_log::write_at_once(const std::string& text) {
  const auto size = static_cast<ssize_t>(text.size());
  if (is_socket_) {  // as under systemd: writable does not mean that there is room for all of it
    const auto sent = ::send(descriptor_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0 || errno != ENOTSOCK) return sent == size;
    is_socket_ = false;
  }
  pollfd writable{descriptor_, POLLOUT, 0};
  // A pipe that is writable takes as much as PIPE_BUF without blocking.
  const bool takes = ::poll(&writable, 1, 0) == 1 && (writable.revents & POLLOUT) != 0;
  return takes && ::write(descriptor_, text.data(), text.size()) == size;
}

}  // namespace headgate::cli
