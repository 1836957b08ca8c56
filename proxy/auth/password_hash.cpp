#include "proxy/auth/password_hash.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>

#include "base/assert.hpp"

namespace headgate::proxy::auth {

namespace {

constexpr std::size_t hash_size = 64;      // of SHA-512
constexpr std::size_t new_salt_size = 12;  // mosquitto 2.0 takes no other; its later versions write 64
constexpr std::size_t max_salt_size = 64;

using digest = std::array<unsigned char, hash_size>;

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_base64(std::string_view data) {
  std::string text(4 * ((data.size() + 2) / 3) + 1, '\0');  // OpenSSL writes a zero behind it
  const int size = EVP_EncodeBlock(bytes_of(text), bytes_of(data), static_cast<int>(data.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// Only what to_base64() writes: nothing around it, no other bits in what fills it up.
std::optional<std::string> from_base64(std::string_view text, std::size_t most_bytes) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > 4 * ((most_bytes + 2) / 3)) return std::nullopt;
  std::string data(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(bytes_of(data), bytes_of(text), static_cast<int>(text.size()));
  if (size != static_cast<int>(data.size())) return std::nullopt;
  data.resize(data.size() - (text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0));
  if (data.size() > most_bytes || to_base64(data) != text) return std::nullopt;
  return data;
}

// Takes the field before the next '$'; nothing if there is none.
std::optional<std::string_view> take_field(std::string_view& text) {
  const auto end = text.find('$');
  if (end == std::string_view::npos) return std::nullopt;
  const auto field = text.substr(0, end);
  text.remove_prefix(end + 1);
  return field;
}

digest compute(const password_hash& hash, std::string_view password) {
  digest made{};
  if (hash.iterations > 0) {
    const int done = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(hash.salt),
                                       static_cast<int>(hash.salt.size()), static_cast<int>(hash.iterations),
                                       EVP_sha512(), static_cast<int>(made.size()), made.data());
    HEADGATE_ASSERT(done == 1);
    return made;
  }
  std::string both;
  both.reserve(password.size() + hash.salt.size());
  both.append(password).append(hash.salt);
  unsigned size = 0;
  const int done = EVP_Digest(both.data(), both.size(), made.data(), &size, EVP_sha512(), nullptr);
  OPENSSL_cleanse(both.data(), both.size());
  HEADGATE_ASSERT(done == 1 && size == made.size());
  return made;
}

}  // namespace

std::string_view explain(hash_errc error) {
  switch (error) {
    case hash_errc::unknown_kind:
      return "it begins neither with $6$ nor with $7$, the kinds that are known";
    case hash_errc::iterations_invalid:
      return "its number of iterations is not from 1 to 1000000";
    case hash_errc::salt_invalid:
      return "its salt is not 1 to 64 bytes in base64";
    case hash_errc::hash_invalid:
      return "what stands behind its salt is not 64 bytes in base64";
    case hash_errc::fields_missing:
      return "it is not $6$SALT$HASH or $7$ITERATIONS$SALT$HASH";
  }
  return {};
}

base::result<password_hash, hash_errc> parse_password_hash(std::string_view text) {
  const bool with_iterations = text.starts_with("$7$");
  if (!with_iterations && !text.starts_with("$6$")) return hash_errc::unknown_kind;
  text.remove_prefix(3);
  password_hash parsed;
  if (with_iterations) {
    const auto field = take_field(text);
    if (!field) return hash_errc::fields_missing;
    const auto* const end = field->data() + field->size();
    const auto [stop, error] = std::from_chars(field->data(), end, parsed.iterations);
    const bool in_range = parsed.iterations > 0 && parsed.iterations <= max_iterations;
    if (error != std::errc() || stop != end || !in_range) return hash_errc::iterations_invalid;
  }
  const auto salt_field = take_field(text);
  if (!salt_field) return hash_errc::fields_missing;
  auto salt = from_base64(*salt_field, max_salt_size);
  if (!salt) return hash_errc::salt_invalid;
  auto hash = from_base64(text, hash_size);
  if (!hash || hash->size() != hash_size) return hash_errc::hash_invalid;
  parsed.salt = std::move(*salt);
  parsed.hash = std::move(*hash);
  return parsed;
}

std::string to_text(const password_hash& hash) {
  const auto kind = hash.iterations > 0 ? "$7$" + std::to_string(hash.iterations) + "$" : std::string("$6$");
  return kind + to_base64(hash.salt) + "$" + to_base64(hash.hash);
}

password_hash make_password_hash(std::string_view password, std::uint32_t iterations) {
  password_hash made;
  made.iterations = iterations;
  made.salt.resize(new_salt_size);
  if (RAND_bytes(bytes_of(made.salt), static_cast<int>(made.salt.size())) != 1) {
    throw std::runtime_error("the system has no random numbers for the salt of a password");
  }
  const auto hash = compute(made, password);
  made.hash.assign(reinterpret_cast<const char*>(hash.data()), hash.size());
  return made;
}

bool is_password_of(const password_hash& hash, std::string_view password) {
  const auto made = compute(hash, password);
  return hash.hash.size() == made.size() && CRYPTO_memcmp(hash.hash.data(), made.data(), made.size()) == 0;
}

}  // namespace headgate::proxy::auth
