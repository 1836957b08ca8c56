#include "config/field.hpp"
#include "config/sections.hpp"

namespace headgate::config {

section logging_section() {
  return plain_section<logging>(
      "logging", "What is written to standard error.", [](auto& settings) -> auto& { return settings.logging; },
      {
          choice("format", &logging::format, {{"text", log_format::text}, {"json", log_format::json}},
                 changes::at_reload, "How a line is written"),
          choice("level", &logging::level,
                 {{"info", log_level::info}, {"warning", log_level::warning}, {"error", log_level::error}},
                 changes::at_reload, "The least severe lines that are written"),
          number("client_lines_per_second", &logging::client_lines_per_second, {0, 1'000'000}, changes::at_reload,
                 "Lines a second about clients that come, go or are refused; the others are counted"),
      });
}

}  // namespace headgate::config
