#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace headgate::admin {

// What whoever asks has to know (RFC 6750, 2.1), or nothing. It may be exchanged while requests come in.
//
// Threads: any.
class bearer_token {
 public:
  // Empty: nobody needs one.
  void set(std::string token);
  bool is_needed() const;
  // Whether the header Authorization has it; nothing: there was none, or more than one. Takes as long for a token that
  // is nearly right as for one that is not, so that its letters cannot be found one by one.
  bool admits(const std::optional<std::string>& authorization) const;

 private:
  mutable std::mutex mutex_;
  std::string token_;
};

// Pure: "Bearer TOKEN", with the scheme in any case [RFC 9110, 11.1]; empty: another scheme, or no token.
std::string_view token_of(std::string_view authorization);

}  // namespace headgate::admin
