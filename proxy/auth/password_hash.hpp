#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace headgate::proxy::auth {

// A salted hash of a password as mosquitto_passwd writes it:
//   $6$SALT$HASH             SHA-512 of password and salt
//   $7$ITERATIONS$SALT$HASH  PBKDF2 with HMAC-SHA-512 (RFC 8018)
// with SALT and HASH in base64. A plain value.
struct password_hash {
  std::uint32_t iterations = 0;  // 0: $6$
  std::string salt;
  std::string hash;  // 64 bytes
  friend bool operator==(const password_hash&, const password_hash&) = default;
};

// Iterations of new hashes. Each wrong password costs the pool that much work, and each right one when its device comes
// for the first time.
inline constexpr std::uint32_t default_iterations = 1000;
// Above it a hash is refused: one password would keep the pool for seconds.
inline constexpr std::uint32_t max_iterations = 1'000'000;

enum class hash_errc : std::uint8_t { unknown_kind, iterations_invalid, salt_invalid, hash_invalid, fields_missing };
std::string_view explain(hash_errc error);

base::result<password_hash, hash_errc> parse_password_hash(std::string_view text);
std::string to_text(const password_hash& hash);

// With a new random salt. Throws std::runtime_error when the system has no random numbers.
password_hash make_password_hash(std::string_view password, std::uint32_t iterations = default_iterations);
// Takes as long for a wrong password as for the right one. Any thread; 0.1 to 1 ms for usual hashes.
bool is_password_of(const password_hash& hash, std::string_view password);

}  // namespace headgate::proxy::auth
