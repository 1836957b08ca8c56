#include "proxy/auth/secrets.hpp"

#include <openssl/crypto.h>

#include <utility>

namespace headgate::proxy::auth {

void wipe(std::string& secret) {
  secret.resize(secret.capacity());  // what a longer text left behind its end goes as well
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

std::string take_secret(std::string& from) {
  std::string taken = std::move(from);
  wipe(from);  // NOLINT(bugprone-use-after-move): a short text is copied, and stands there still
  return taken;
}

}  // namespace headgate::proxy::auth
