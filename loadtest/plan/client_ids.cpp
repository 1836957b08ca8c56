#include "loadtest/plan/client_ids.hpp"

#include <array>
#include <cstdio>
#include <variant>

namespace headgate::loadtest::plan {

core::text_template client_ids(std::uint32_t run_id, const std::string& kind) {
  std::array<char, 9> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x", run_id);
  return std::get<core::text_template>(core::text_template::parse("lt" + std::string(digits.data()) + kind + "%c"));
}

}  // namespace headgate::loadtest::plan
