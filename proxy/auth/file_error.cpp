#include "proxy/auth/file_error.hpp"

namespace headgate::proxy::auth {

std::string describe(const std::string& file, const std::vector<file_error>& errors) {
  std::string text;
  for (const auto& error : errors) text += file + ":" + std::to_string(error.line) + ": " + error.sentence + "\n";
  return text;
}

}  // namespace headgate::proxy::auth
