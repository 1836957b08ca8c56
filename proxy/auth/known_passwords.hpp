#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "proxy/auth/password_hash.hpp"

namespace headgate::proxy::auth {

// What known_passwords remembers a password by: 128 bits of HMAC-SHA-256 over the user's name, the stored hash and the
// password. Nobody without the key can tell which one it would be, or find two that are equal.
struct password_digest {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const password_digest&, const password_digest&) = default;
};

// Which passwords were right or wrong a short while ago (base::right_password_s, base::wrong_password_s, to the
// second), so that a device that comes again costs no hash.
//
// 1. It keeps no password, only digests under a random key that it draws itself and that never leaves it: what stands
//    in its table tells nothing without the key. (Who reads the memory of the process has the key too, but sees the
//    passwords themselves as they come.)
// 2. The stored hash is part of the digest: another line in the password file makes what was known of it meaningless.
// 3. Memory: base::known_passwords places of 24 bytes (1.5 MiB), from the first remember() on; before it nothing but a
//    pointer or two. A digest has four places. In place of what? Of what has run out; else of the wrong password that
//    would run out first; else, for a right one only, of the right one that would: guesses never drive out what spares
//    a fleet its hashes.
//
// One thread.
class known_passwords {
 public:
  known_passwords();
  ~known_passwords();
  known_passwords(const known_passwords&) = delete;
  known_passwords& operator=(const known_passwords&) = delete;

  // About a microsecond. The first call draws the key: it throws std::runtime_error when the system has no random
  // numbers.
  password_digest digest_of(std::string_view user_name, const password_hash& hash, std::string_view password);
  // Right or wrong; nothing: not known, or too long ago.
  std::optional<bool> find(const password_digest& digest, base::monotonic_ms now) const;
  void remember(const password_digest& digest, bool is_right, base::monotonic_ms now);
  std::size_t memory_bytes() const;  // of the table

 private:
  struct place;
  struct mac;
  std::unique_ptr<mac> mac_;
  std::unique_ptr<place[]> places_;
};

}  // namespace headgate::proxy::auth

template <>
struct std::hash<headgate::proxy::auth::password_digest> {
  std::size_t operator()(const headgate::proxy::auth::password_digest& digest) const noexcept { return digest.low; }
};
