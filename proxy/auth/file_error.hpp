#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace headgate::proxy::auth {

// What is wrong with a line of a password or ACL file; the sentence says what to write instead.
struct file_error {
  std::size_t line = 0;  // from 1
  std::string sentence;
};

// One line each: "users:3: …".
std::string describe(const std::string& file, const std::vector<file_error>& errors);

}  // namespace headgate::proxy::auth
