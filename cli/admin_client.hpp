#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace headgate::cli {

// What goes wrong between a command and the admin listener; the text is a sentence that says what to do.
struct admin_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct admin_answer {
  unsigned status = 0;
  std::string body;
};

// Asks the admin listener of a running headgate, a connection for each request. Every call ends within some seconds.
class admin_client {
 public:
  // "127.0.0.1:18083", "[::1]:18083", "localhost:18083"; the token that it asks for, or nothing. Throws admin_error: no
  // such form.
  explicit admin_client(const std::string& address, const std::string& token = "");

  // Throw admin_error: nobody answers there, or not in time, or not headgate.
  admin_answer get(const std::string& target) const;
  admin_answer remove(const std::string& target) const;  // DELETE

 private:
  admin_answer ask(const std::string& method, const std::string& target) const;

  std::string address_;
  std::string host_;
  std::string port_;
  std::string token_;
};

// The sentence of an answer that is an error: {"error": …}.
std::string error_of(const admin_answer& answer);

}  // namespace headgate::cli
