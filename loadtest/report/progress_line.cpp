#include "loadtest/report/progress_line.hpp"

#include <cmath>

#include "loadtest/report/units.hpp"

namespace headgate::loadtest::report {

namespace {

const char* name_of(core::progress::phase phase) {
  switch (phase) {
    case core::progress::phase::connecting:
      return "connecting";
    case core::progress::phase::warming_up:
      return "warming up";
    case core::progress::phase::measuring:
      return "measuring";
    case core::progress::phase::settling:
      return "settling";
  }
  return "";
}

std::string whole(double seconds) {
  return count_text(static_cast<std::uint64_t>(std::llround(std::fmax(seconds, 0))));
}

std::string rate_text(double rate) {
  return amount_text(std::round(rate)) + "/s";
}

}  // namespace

std::string progress_line(const core::progress& progress) {
  std::string line = std::string(name_of(progress.what)) + " " + whole(progress.elapsed_s);
  constexpr double endless_s = 1e9;  // core::for_ever is more
  if (progress.total_s > 0 && progress.total_s < endless_s) line += "/" + whole(progress.total_s);
  line += " s, " + count_text(progress.connected) + "/" + count_text(progress.clients) + " clients";
  if (progress.faults > 0) line += ", " + count_text(progress.faults) + (progress.faults == 1 ? " FAULT" : " FAULTS");
  if (progress.sent_per_s > 0) line += ", sent " + rate_text(progress.sent_per_s);
  if (progress.delivered_per_s > 0) line += ", delivered " + rate_text(progress.delivered_per_s);
  if (progress.p99_us > 0) line += ", p99 " + duration_text(static_cast<double>(progress.p99_us) * 1e3);
  return line;
}

}  // namespace headgate::loadtest::report
