#pragma once

#include <string>

namespace headgate::proxy::auth {

// Overwrites a password, with all that its string has room for, and leaves it empty. The compiler does not leave it
// out.
void wipe(std::string& secret);
// As std::move, but nothing of a short one is left behind in `from`.
std::string take_secret(std::string& from);

// Wipes a string that others own when the scope ends, whichever way.
class wiped_at_end {
 public:
  explicit wiped_at_end(std::string& secret) : secret_(secret) {}
  ~wiped_at_end() { wipe(secret_); }
  wiped_at_end(const wiped_at_end&) = delete;
  wiped_at_end& operator=(const wiped_at_end&) = delete;

 private:
  std::string& secret_;
};

}  // namespace headgate::proxy::auth
