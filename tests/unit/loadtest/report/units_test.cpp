#include "loadtest/report/units.hpp"

#include <gtest/gtest.h>

namespace headgate::loadtest::report {
namespace {

TEST(units, durations_have_the_unit_that_fits) {
  EXPECT_EQ(duration_text(0), "0 ns");
  EXPECT_EQ(duration_text(850), "850 ns");
  EXPECT_EQ(duration_text(1234), "1.23 µs");
  EXPECT_EQ(duration_text(12'345), "12.3 µs");
  EXPECT_EQ(duration_text(412'000), "412 µs");
  EXPECT_EQ(duration_text(4'560'000), "4.56 ms");
  EXPECT_EQ(duration_text(1'200'000'000), "1.20 s");
  EXPECT_EQ(duration_text(125e9), "125 s");
  EXPECT_EQ(duration_text(4000e9), "4000 s");
}

TEST(units, what_rounds_up_to_a_unit_has_it) {
  EXPECT_EQ(duration_text(999'400), "999 µs");
  EXPECT_EQ(duration_text(999'999), "1.00 ms");
  EXPECT_EQ(duration_text(9'996), "10.0 µs");
  EXPECT_EQ(duration_text(99'960), "100 µs");
}

TEST(units, amounts_are_exact_while_they_are_small) {
  EXPECT_EQ(amount_text(0), "0");
  EXPECT_EQ(amount_text(9'999), "9,999");
  EXPECT_EQ(amount_text(-5), "-5");
  EXPECT_EQ(amount_text(0.25), "0.25");
  EXPECT_EQ(amount_text(12'000), "12.0 k");
  EXPECT_EQ(amount_text(12'345), "12.3 k");
  EXPECT_EQ(amount_text(4'560'000), "4.56 M");
  EXPECT_EQ(amount_text(7.5e9), "7.50 G");
}

TEST(units, counts_have_their_thousands_apart) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(4711), "4,711");
  EXPECT_EQ(count_text(1'234'567), "1,234,567");
  EXPECT_EQ(count_text(~std::uint64_t{0}), "18,446,744,073,709,551,615");
}

TEST(units, bytes_and_shares) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(300), "300 B");
  EXPECT_EQ(bytes_text(280.5), "280 B");
  EXPECT_EQ(bytes_text(1536), "1.50 KiB");
  EXPECT_EQ(bytes_text(512.0 * 1024 * 1024), "512 MiB");
  EXPECT_EQ(bytes_text(3.5 * 1024 * 1024 * 1024), "3.50 GiB");
  EXPECT_EQ(share_text(0.831), "83.1 %");
  EXPECT_EQ(share_text(1), "100 %");
}

}  // namespace
}  // namespace headgate::loadtest::report
