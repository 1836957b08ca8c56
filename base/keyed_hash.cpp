#include "base/keyed_hash.hpp"

#include <random>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace headgate::base {

keyed_hash::keyed_hash() {
  static_assert(sizeof(key_) >= XXH3_SECRET_SIZE_MIN);
  std::random_device device;
  for (auto& word : key_) word = device();
}

std::uint64_t keyed_hash::operator()(std::string_view text) const {
  return XXH3_64bits_withSecret(text.data(), text.size(), key_.data(), sizeof(key_));
}

}  // namespace headgate::base
