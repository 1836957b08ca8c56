#include "proxy/auth/known_passwords.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <cstring>
#include <span>
#include <stdexcept>

#include "base/assert.hpp"
#include "base/limits.hpp"

namespace headgate::proxy::auth {

namespace {

constexpr std::size_t places_a_digest = 4;
constexpr std::size_t sets = base::known_passwords / places_a_digest;
static_assert((sets & (sets - 1)) == 0);

std::uint64_t seconds_of(base::monotonic_ms now) {
  return now.value / 1000;
}

}  // namespace

struct known_passwords::place {
  password_digest digest;
  std::uint32_t until_s = 0;  // of the monotonic clock; not after it. 0: empty
  bool is_right = false;
};

// HMAC-SHA-256 with a key of its own.
struct known_passwords::mac {
  mac();
  ~mac();
  mac(const mac&) = delete;
  mac& operator=(const mac&) = delete;

  void begin() { HEADGATE_ASSERT(EVP_MAC_init(context, key.data(), key.size(), nullptr) == 1); }
  void add(const void* bytes, std::size_t size) {
    HEADGATE_ASSERT(EVP_MAC_update(context, static_cast<const unsigned char*>(bytes), size) == 1);
  }
  void add(std::uint64_t number) { add(&number, sizeof number); }
  // With its size in front, so that no two lists of texts are the same bytes.
  void add(std::string_view text) {
    add(text.size());
    add(text.data(), text.size());
  }
  password_digest end();

  EVP_MAC_CTX* context = nullptr;
  std::array<unsigned char, 32> key{};
};

known_passwords::mac::mac() {
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) {
    throw std::runtime_error("the system has no random numbers");
  }
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> hmac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr),
                                                               &EVP_MAC_free);
  if (hmac) context = EVP_MAC_CTX_new(hmac.get());
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  if (context == nullptr || EVP_MAC_CTX_set_params(context, parameters) != 1) {
    EVP_MAC_CTX_free(context);
    throw std::runtime_error("OpenSSL has no HMAC-SHA-256");
  }
}

known_passwords::mac::~mac() {
  OPENSSL_cleanse(key.data(), key.size());
  EVP_MAC_CTX_free(context);
}

password_digest known_passwords::mac::end() {
  std::array<unsigned char, 32> whole{};
  std::size_t size = 0;
  HEADGATE_ASSERT(EVP_MAC_final(context, whole.data(), &size, whole.size()) == 1 && size == whole.size());
  password_digest digest;
  std::memcpy(&digest.low, whole.data(), sizeof digest.low);
  std::memcpy(&digest.high, whole.data() + sizeof digest.low, sizeof digest.high);
  return digest;
}

known_passwords::known_passwords() = default;
known_passwords::~known_passwords() = default;

password_digest known_passwords::digest_of(std::string_view user_name, const password_hash& hash,
                                           std::string_view password) {
  if (!mac_) mac_ = std::make_unique<mac>();
  mac_->begin();
  mac_->add(user_name);
  mac_->add(hash.iterations);
  mac_->add(hash.salt);
  mac_->add(hash.hash);
  mac_->add(password);
  return mac_->end();
}

std::optional<bool> known_passwords::find(const password_digest& digest, base::monotonic_ms now) const {
  if (!places_) return std::nullopt;
  const std::span set(&places_[digest.low % sets * places_a_digest], places_a_digest);
  for (const auto& place : set) {
    if (place.digest == digest && seconds_of(now) < place.until_s) return place.is_right;
  }
  return std::nullopt;
}

void known_passwords::remember(const password_digest& digest, bool is_right, base::monotonic_ms now) {
  static_assert(sizeof(place) == 24);
  if (!places_) places_ = std::make_unique<place[]>(base::known_passwords);
  const auto now_s = seconds_of(now);
  // The lower, the sooner it is given up.
  const auto worth_of = [&](const place& place) -> std::uint64_t {
    if (place.digest == digest) return 0;
    if (place.until_s <= now_s) return 1;
    return place.until_s + (place.is_right ? std::uint64_t{1} << 32 : 0);
  };
  const std::span set(&places_[digest.low % sets * places_a_digest], places_a_digest);
  auto* chosen = &set.front();
  for (auto& place : set) {
    if (worth_of(place) < worth_of(*chosen)) chosen = &place;
  }
  if (!is_right && chosen->digest != digest && chosen->until_s > now_s && chosen->is_right) return;
  const auto until_s = now_s + (is_right ? base::right_password_s : base::wrong_password_s);
  *chosen = place{digest, static_cast<std::uint32_t>(until_s), is_right};
}

std::size_t known_passwords::memory_bytes() const {
  return places_ ? base::known_passwords * sizeof(place) : 0;
}

}  // namespace headgate::proxy::auth
