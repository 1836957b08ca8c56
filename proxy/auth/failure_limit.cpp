#include "proxy/auth/failure_limit.hpp"

#include <algorithm>
#include <span>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "base/random.hpp"

namespace headgate::proxy::auth {

namespace {

constexpr std::size_t places_an_address = 4;
constexpr std::size_t sets = base::failing_addresses / places_an_address;
constexpr std::uint64_t whole_bucket_ms = base::wrong_passwords_in_a_row * std::uint64_t{base::wrong_password_pause_ms};

}  // namespace

// A bucket as one number, which is why it fits in: so many milliseconds before it is full again, so many thousandths of
// the pause are missing in it.
struct failure_limit::place {
  std::uint64_t network = 0;
  std::uint64_t full_at_ms = 0;  // in the past: full, and the place is free
};

failure_limit::failure_limit(std::uint64_t seed) : seed_(seed), second_seed_(base::random_source(~seed).next()) {}
failure_limit::~failure_limit() = default;

failure_limit::place* failure_limit::set_of(std::uint64_t network) const {
  const auto once = base::random_source(network ^ seed_).next();
  return &places_[base::random_source(once ^ second_seed_).next() % sets * places_an_address];
}

bool failure_limit::take(std::uint64_t network, base::monotonic_ms now) {
  HEADGATE_ASSERT(network != 0);
  static_assert(sizeof(place) == 16);
  if (!places_) places_ = std::make_unique<place[]>(base::failing_addresses);
  const std::span set(set_of(network), places_an_address);
  auto found = std::ranges::find(set, network, &place::network);
  if (found == set.end()) {
    found = std::ranges::min_element(set, {}, &place::full_at_ms);
    *found = place{network, 0};
  }
  const auto full_at_ms = std::max(found->full_at_ms, now.value) + base::wrong_password_pause_ms;
  if (full_at_ms - now.value > whole_bucket_ms) return false;
  found->full_at_ms = full_at_ms;
  return true;
}

void failure_limit::give_back(std::uint64_t network, base::monotonic_ms now) {
  if (!places_) return;
  const std::span set(set_of(network), places_an_address);
  const auto found = std::ranges::find(set, network, &place::network);
  if (found == set.end()) return;  // forgotten meanwhile: it has all of them
  found->full_at_ms =
      std::max(found->full_at_ms, now.value + base::wrong_password_pause_ms) - base::wrong_password_pause_ms;
}

std::size_t failure_limit::memory_bytes() const {
  return places_ ? base::failing_addresses * sizeof(place) : 0;
}

}  // namespace headgate::proxy::auth
