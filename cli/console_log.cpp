#include "cli/console_log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace headgate::cli {

console_log::console_log()
    : logger_(std::make_shared<spdlog::logger>("headgate", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
  logger_->flush_on(spdlog::level::info);
}

void console_log::write(base::severity severity, std::string_view line) {
  const spdlog::string_view_t text(line.data(), line.size());
  switch (severity) {
    case base::severity::info:
      return logger_->log(spdlog::level::info, text);
    case base::severity::warning:
      return logger_->log(spdlog::level::warn, text);
    case base::severity::error:
      return logger_->log(spdlog::level::err, text);
  }
}

}  // namespace headgate::cli
