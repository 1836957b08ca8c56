#include "proxy/auth/decoy.hpp"

#include "base/random.hpp"

namespace headgate::proxy::auth {

namespace {

constexpr std::size_t usual_salt_bytes = 12;  // mosquitto_passwd's
constexpr std::size_t hash_bytes = 64;

std::string noise(std::size_t size, base::random_source& random) {
  std::string bytes;
  for (std::size_t n = 0; n < size; ++n) bytes.push_back(static_cast<char>(random.next() & 0xff));
  return bytes;
}

}  // namespace

password_hash make_decoy(const password_file& users, std::uint64_t seed) {
  base::random_source random(seed);
  password_hash decoy{default_iterations, noise(usual_salt_bytes, random), noise(hash_bytes, random)};
  if (!users.users.empty()) {
    const auto& first = users.users.begin()->second;
    decoy.iterations = first.iterations;
    decoy.salt = noise(first.salt.size(), random);
  }
  return decoy;
}

}  // namespace headgate::proxy::auth
