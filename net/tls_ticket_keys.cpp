#include "net/tls_ticket_keys.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <new>

namespace headgate::net {

namespace {

tls_ticket_key make_key() {
  tls_ticket_key key;
  const auto fill = [](auto& bytes) { return RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1; };
  if (fill(key.name) && fill(key.encrypting) && fill(key.authenticating)) return key;
  ERR_clear_error();
  throw std::bad_alloc();
}

void forget(tls_ticket_key& key) {
  OPENSSL_cleanse(&key, sizeof key);
}

bool is_named(const tls_ticket_key& key, const std::uint8_t* name) {
  return std::equal(key.name.begin(), key.name.end(), name);
}

// As OpenSSL wants it to be answered.
enum answer : int { failed = -1, unknown = 0, good = 1, good_and_to_be_renewed = 2 };

bool authenticate_with(tls_ticket_key& key, EVP_MAC_CTX* mac) {
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.authenticating.data(), key.authenticating.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

answer begin_ticket(tls_ticket_keys& keys, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                    EVP_MAC_CTX* mac) {
  const auto* kind = EVP_aes_256_cbc();
  auto key = keys.newest(std::chrono::steady_clock::now());
  std::copy(key.name.begin(), key.name.end(), name);
  const bool is_ready = RAND_bytes(iv, EVP_CIPHER_get_iv_length(kind)) == 1 &&
                        EVP_EncryptInit_ex(cipher, kind, nullptr, key.encrypting.data(), iv) == 1 &&
                        authenticate_with(key, mac);
  forget(key);
  return is_ready ? good : failed;
}

answer open_ticket(tls_ticket_keys& keys, const unsigned char* name, const unsigned char* iv, EVP_CIPHER_CTX* cipher,
                   EVP_MAC_CTX* mac) {
  const auto now = std::chrono::steady_clock::now();
  auto key = keys.named(name, now);
  if (!key) return unknown;
  const bool is_ready = authenticate_with(*key, mac) &&
                        EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key->encrypting.data(), iv) == 1;
  forget(*key);
  if (!is_ready) return failed;
  auto newest = keys.newest(now);
  const bool is_newest = is_named(newest, name);
  forget(newest);
  return is_newest ? good : good_and_to_be_renewed;
}

int use_key(SSL* connection, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
            int is_new) {
  auto& keys = *static_cast<tls_ticket_keys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
  if (is_new != 0) return begin_ticket(keys, name, iv, cipher, mac);
  const auto opened = open_ticket(keys, name, iv, cipher, mac);
  // Clients use a ticket of TLS 1.3 once only (RFC 8446, C.4).
  return opened == good && SSL_version(connection) == TLS1_3_VERSION ? good_and_to_be_renewed : opened;
}

}  // namespace

tls_ticket_keys::tls_ticket_keys(tls_ticket_keys* before, time now) : newest_(make_key()), made_at_(now) {
  if (before != nullptr) before_ = before->newest(now);
}

tls_ticket_keys::~tls_ticket_keys() {
  forget(newest_);
  if (before_) forget(*before_);
}

void tls_ticket_keys::renew(time now) {
  if (now - made_at_ < longest_use) return;
  auto made = make_key();
  // Nobody has asked for two days: the one in use is too old as well.
  const bool is_too_old = now - made_at_ >= 2 * longest_use;
  if (before_) forget(*before_);
  before_.reset();
  if (!is_too_old) before_ = newest_;
  newest_ = made;
  forget(made);
  made_at_ = now;
}

tls_ticket_key tls_ticket_keys::newest(time now) {
  const std::lock_guard lock(mutex_);
  renew(now);
  return newest_;
}

std::optional<tls_ticket_key> tls_ticket_keys::named(const std::uint8_t* name, time now) {
  const std::lock_guard lock(mutex_);
  renew(now);
  if (is_named(newest_, name)) return newest_;
  if (before_ && is_named(*before_, name)) return before_;
  return std::nullopt;
}

void tls_ticket_keys::serve(ssl_ctx_st* context) {
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, use_key);
}

}  // namespace headgate::net
