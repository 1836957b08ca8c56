#pragma once

#include <string_view>

namespace headgate::base {

enum class severity : unsigned char { info, warning, error };

// Where log lines go. Rare lines only: the caller limits their rate. Any thread.
class log_sink {
 public:
  virtual ~log_sink() = default;
  virtual void write(severity severity, std::string_view line) = 0;
};

}  // namespace headgate::base
