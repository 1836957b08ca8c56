#include "net/tls_validity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headgate::net {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t day_s = 86'400;

validity lasting(validity_of kind, std::int64_t days) {
  return {kind, "certificate a.pem", 0, days * day_s, "Monday", "Friday"};
}

std::vector<std::string> said(const validity& one, std::int64_t now_s) {
  return warnings_about({one}, now_s);
}

TEST(tls_validity, of_a_year_is_told_from_fourteen_days_before_its_end) {
  const auto year = lasting(validity_of::own, 365);
  EXPECT_THAT(said(year, 0), IsEmpty());
  EXPECT_THAT(said(year, 351 * day_s - 1), IsEmpty());
  EXPECT_THAT(said(year, 351 * day_s), ElementsAre(HasSubstr("certificate a.pem ends on Friday, in 14 days: ")));
  EXPECT_THAT(said(year, 363 * day_s + 1), ElementsAre(HasSubstr("in 1 day: ")));
  EXPECT_THAT(said(year, 365 * day_s - 1), ElementsAre(HasSubstr("in less than a day: ")));
  EXPECT_THAT(said(year, 365 * day_s), ElementsAre(AllOf(HasSubstr("has expired (Friday): clients refuse it"))));
}

TEST(tls_validity, of_a_week_is_told_in_its_second_half) {
  const auto week = lasting(validity_of::revoked, 7);
  EXPECT_THAT(said(week, 3 * day_s), IsEmpty());
  EXPECT_THAT(said(week, 4 * day_s), ElementsAre(HasSubstr("is to be renewed by Friday, in 3 days: ")));
  EXPECT_THAT(said(week, 8 * day_s), ElementsAre(HasSubstr("was to be renewed by Friday: ")));
}

TEST(tls_validity, before_its_time_is_told) {
  for (const auto kind : {validity_of::own, validity_of::chain, validity_of::authority, validity_of::revoked}) {
    EXPECT_THAT(said(lasting(kind, 365), -1), ElementsAre(HasSubstr("is not valid before Monday")));
  }
}

}  // namespace
}  // namespace headgate::net
