#include "base/random.hpp"

#include <gtest/gtest.h>

namespace headgate::base {
namespace {

// Values of the authors' splitmix64.c (prng.di.unimi.it).
TEST(random_source, golden_values_of_splitmix64) {
  random_source zero(0);
  EXPECT_EQ(zero.next(), 0xe220'a839'7b1d'cdafU);
  EXPECT_EQ(zero.next(), 0x6e78'9e6a'a1b9'65f4U);
  EXPECT_EQ(zero.next(), 0x06c4'5d18'8009'454fU);
  random_source other(1'234'567);
  for (const std::uint64_t expected : {6'457'827'717'110'365'317U, 3'203'168'211'198'807'973U,
                                       9'817'491'932'198'370'423U, 4'593'380'528'125'082'431U}) {
    EXPECT_EQ(other.next(), expected);
  }
}

}  // namespace
}  // namespace headgate::base
