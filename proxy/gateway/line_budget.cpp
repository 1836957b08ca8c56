#include "proxy/gateway/line_budget.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"

namespace headgate::proxy::gateway {

namespace {

std::uint32_t kept_for_warnings(std::uint32_t per_second) {
  return per_second == 0 ? 0 : std::max(per_second / 4, 1U);
}

std::uint32_t for_ordinary(std::uint32_t per_second) {
  return per_second == 0 ? 0 : std::max(per_second - kept_for_warnings(per_second), 1U);
}

}  // namespace

line_budget::line_budget(std::uint32_t per_second)
    : per_second_(per_second), ordinary_(for_ordinary(per_second)), warnings_(kept_for_warnings(per_second)) {}

void line_budget::set_per_second(std::uint32_t per_second) {
  if (per_second == per_second_) return;
  const auto left_out = left_out_;
  const auto since = since_;
  *this = line_budget(per_second);
  left_out_ = left_out;
  since_ = since;
}

bool line_budget::admit(base::severity severity, base::monotonic_ms now) {
  const bool ordinary = severity == base::severity::info;
  if ((!ordinary && warnings_.admit(now)) || ordinary_.admit(now)) return true;
  if (left_out_.all() == 0) since_ = now;
  ++(ordinary ? left_out_.ordinary : left_out_.warnings);
  return false;
}

line_budget::left_out line_budget::take_due(base::monotonic_ms now) {
  if (left_out_.all() == 0 || now.value < since_.value + base::left_out_lines_told_s * 1000ULL) return {};
  return take_all(now);
}

line_budget::left_out line_budget::take_all(base::monotonic_ms now) {
  auto taken = std::exchange(left_out_, {});
  if (taken.all() > 0 && now.value > since_.value) taken.seconds = (now.value - since_.value + 999) / 1000;
  return taken;
}

}  // namespace headgate::proxy::gateway
