#include "cli/console_log.hpp"

#include <poll.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <mutex>
#include <string>

namespace headgate::cli {

namespace {

// Standard error, if it takes a line at once: one that nobody reads costs lines, never the worker that writes them.
class patient_stderr final : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (lost_ > 0) {
      const auto note = "(" + std::to_string(lost_) + " lines before this one found no reader)\n";
      line.append(note.data(), note.data() + note.size());
    }
    pollfd writable{STDERR_FILENO, POLLOUT, 0};
    // A pipe that is writable takes as much as PIPE_BUF, longer than any line of ours, without blocking.
    const bool takes = ::poll(&writable, 1, 0) == 1 && (writable.revents & POLLOUT) != 0;
    const bool written = takes && ::write(STDERR_FILENO, line.data(), line.size()) >= 0;
    lost_ = written ? 0 : lost_ + 1;
  }
  void flush_() override {}

 private:
  std::uint64_t lost_ = 0;
};

}  // namespace

console_log::console_log() : logger_(std::make_shared<spdlog::logger>("headgate", std::make_shared<patient_stderr>())) {
  logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
}

void console_log::write(const base::log_line& line) {
  const spdlog::string_view_t text(line.text.data(), line.text.size());
  switch (line.severity) {
    case base::severity::info:
      return logger_->log(spdlog::level::info, text);
    case base::severity::warning:
      return logger_->log(spdlog::level::warn, text);
    case base::severity::error:
      return logger_->log(spdlog::level::err, text);
  }
}

}  // namespace headgate::cli
