#pragma once

#include <memory>

#include "base/log_sink.hpp"

namespace spdlog {
class logger;
}

namespace headgate::cli {

// Log lines on standard error, with time and severity.
class console_log final : public base::log_sink {
 public:
  console_log();
  void write(const base::log_line& line) override;

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace headgate::cli
