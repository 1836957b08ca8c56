#pragma once

#include <span>
#include <string_view>

namespace headgate::base {

enum class severity : unsigned char { info, warning, error };

// A part of a line that machines look for, such as {"client", "thermometer-7"}.
struct log_field {
  std::string_view name;  // lower_case
  std::string_view value;
};

// One line of the log. Everything it points to lives during write() only.
struct log_line {
  base::severity severity = severity::info;
  std::string_view event;  // its kind, in lower_case and for ever the same: "client_connected"
  std::string_view text;   // what people read: a sentence that says all that the fields say, on one line
  std::span<const log_field> fields;
};

// Where log lines go. Rare lines only: the caller limits their rate. Any thread; never blocks its caller.
class log_sink {
 public:
  virtual ~log_sink() = default;
  virtual void write(const log_line& line) = 0;
};

}  // namespace headgate::base
