#include "net/certificate_pair.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

#include "net/development_certificates.hpp"

namespace headgate::net {
namespace {

using testing::ElementsAre;

TEST(certificate_pair, says_what_a_server_is_reached_by_and_until_when) {
  const auto facts =
      facts_of(make_server_certificate(make_authority("one", 10), {"127.0.0.1", "Host.example", "::1"}, 10));
  EXPECT_EQ(facts.fault, pair_fault::none);
  EXPECT_THAT(facts.names, ElementsAre("host.example", "127.0.0.1", "::1"));
  EXPECT_NEAR(static_cast<double>(facts.ends_s), static_cast<double>(std::time(nullptr) + 10 * 86'400), 60);
  EXPECT_THAT(facts_of(make_server_certificate(make_authority("one", 10), {"192.0.2.7"}, 10)).names,
              ElementsAre("192.0.2.7"));
}

TEST(certificate_pair, says_what_is_wrong) {
  const auto one = make_authority("one", 10);
  const auto two = make_authority("two", 10);
  EXPECT_EQ(facts_of({"", one.key}).fault, pair_fault::certificate);
  EXPECT_EQ(facts_of({one.key, one.key}).fault, pair_fault::certificate);
  EXPECT_EQ(facts_of({one.certificate, one.key.substr(0, 60)}).fault, pair_fault::key);
  EXPECT_EQ(facts_of({one.certificate, two.key}).fault, pair_fault::mismatch);
  EXPECT_EQ(facts_of(one).fault, pair_fault::none);
}

TEST(certificate_pair, knows_who_signed) {
  const auto one = make_authority("one", 10);
  const auto namesake = make_authority("one", 10);
  const auto issued = make_client_certificate(one, "pump-7", 10);
  EXPECT_TRUE(has_signed(one, issued));
  EXPECT_FALSE(has_signed(namesake, issued));
  EXPECT_FALSE(has_signed(issued, one));
  EXPECT_FALSE(has_signed({"", ""}, issued));
}

}  // namespace
}  // namespace headgate::net
