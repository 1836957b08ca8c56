#pragma once

#include <cstdint>

#include "base/log_sink.hpp"
#include "base/rate_limiter.hpp"

namespace headgate::proxy::gateway {

// How many log lines about clients one worker writes in a second, and how many it left out. A quarter of them is kept
// for warnings, which may use the others as well: clients that come and go never hide those with which something is
// wrong. At least one a second of each kind, unless the budget is 0. One thread.
class line_budget {
 public:
  struct left_out {
    std::uint64_t ordinary = 0;
    std::uint64_t warnings = 0;
    std::uint64_t seconds = 0;  // since the first of them
    std::uint64_t all() const { return ordinary + warnings; }
  };

  explicit line_budget(std::uint32_t per_second);

  // False: counted as left out.
  bool admit(base::severity severity, base::monotonic_ms now);
  // What is to be told of now: nothing until base::left_out_lines_told_s have passed since the first line was left out.
  left_out take_due(base::monotonic_ms now);
  left_out take_all(base::monotonic_ms now);

  std::uint32_t per_second() const { return per_second_; }
  // From now on; what was left out is still told.
  void set_per_second(std::uint32_t per_second);

 private:
  std::uint32_t per_second_;
  base::rate_limiter ordinary_;
  base::rate_limiter warnings_;
  left_out left_out_;
  base::monotonic_ms since_;
};

}  // namespace headgate::proxy::gateway
