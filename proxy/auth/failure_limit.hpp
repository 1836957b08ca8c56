#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/time.hpp"

namespace headgate::proxy::auth {

// How many wrong passwords an address may send: base::wrong_passwords_in_a_row at once, and then one each
// base::wrong_password_pause_ms. A token is taken when a password is going to be checked, so that no more can be under
// way than there are tokens, and given back when it was right.
//
// 1. Addresses are told apart as networks (network_of.hpp).
// 2. Memory: base::failing_addresses places of 16 bytes (256 KiB), from the first take() on. An address has four
//    places, and which ones depends on the seed, so that nobody can aim at those of another. One that has all its
//    tokens needs no place. When all four are taken the one with the most tokens is forgotten.
// 3. An address that comes for the first time has all its tokens, never what another left behind.
//
// One thread; times do not go back.
class failure_limit {
 public:
  explicit failure_limit(std::uint64_t seed);
  ~failure_limit();
  failure_limit(const failure_limit&) = delete;
  failure_limit& operator=(const failure_limit&) = delete;

  // False: none is left.
  bool take(std::uint64_t network, base::monotonic_ms now);
  void give_back(std::uint64_t network, base::monotonic_ms now);
  std::size_t memory_bytes() const;

 private:
  struct place;
  place* set_of(std::uint64_t network) const;

  std::uint64_t seed_;
  std::uint64_t second_seed_;
  std::unique_ptr<place[]> places_;
};

}  // namespace headgate::proxy::auth
