#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/log_sink.hpp"
#include "config/settings.hpp"

namespace headgate::cli {

// Log lines on standard error, as text or as JSON (cli/log_text.hpp), from a severity on.
//
// Any thread may call anything. 1. A reader that does not read costs lines, never the thread that writes them: what is
// not taken at once is lost and counted, and the next line that is taken says how many. 2. A line is written in one
// piece of at most PIPE_BUF bytes, so that lines of several writers never mix.
class console_log final : public base::log_sink {
 public:
  // The descriptor stays the caller's.
  explicit console_log(config::log_format format = config::log_format::text,
                       config::log_level level = config::log_level::info, int descriptor = STDERR_FILENO)
      : descriptor_(descriptor), format_(format), level_(level) {}

  void write(const base::log_line& line) override;
  // Whatever the level: what an operator has asked for just now.
  void write_always(const base::log_line& line);

  // From the next line on.
  void set_format(config::log_format format) { format_.store(format, std::memory_order_relaxed); }
  void set_level(config::log_level level) { level_.store(level, std::memory_order_relaxed); }

  // Lines that were written, and those that found no reader. Those below the level are neither.
  std::uint64_t lines() const { return lines_.load(std::memory_order_relaxed); }
  std::uint64_t lines_lost() const { return lines_lost_.load(std::memory_order_relaxed); }

 private:
  std::string format(const base::log_line& line, std::size_t most_bytes) const;
  bool write_at_once(const std::string& text);

  const int descriptor_;
  std::atomic<config::log_format> format_;
  std::atomic<config::log_level> level_;
  std::atomic<std::uint64_t> lines_{0};
  std::atomic<std::uint64_t> lines_lost_{0};
  std::mutex writing_;               // of those below; nobody waits under it
  std::uint64_t lost_in_a_row_ = 0;  // since the last line that was written
  bool is_socket_ = true;            // until it turns out that it is none
};

}  // namespace headgate::cli
