#include "config/tls_of.hpp"

#include <gtest/gtest.h>

namespace headgate::config {
namespace {

using names = std::vector<std::string>;

TEST(tls_of, lists_are_split_and_trimmed) {
  EXPECT_EQ(files_in(""), names{});
  EXPECT_EQ(files_in("a.pem"), names{"a.pem"});
  EXPECT_EQ(files_in(" a b.pem ,\tc.pem"), (names{"a b.pem", "c.pem"}));
  EXPECT_EQ(files_in("a,,b,"), (names{"a", "", "b", ""}));
  EXPECT_EQ(files_in(" "), names{""});
}

TEST(tls_of, a_list_has_no_empty_names) {
  for (const std::string bad : {",", "a,", ",a", "a,,b", " "}) {
    settings settings;
    EXPECT_THROW(assign(settings, "listeners.a.certificate=" + bad), settings_error) << bad;
    EXPECT_THROW(assign(settings, "listeners.a.key=" + bad), settings_error) << bad;
  }
}

TEST(tls_of, a_listener_becomes_what_its_tls_is_made_of) {
  settings settings;
  for (const auto* each : {"transport=tls", "certificate=a.pem, b.pem", "key=a.key,b.key",
                           "client_certificate=optional", "client_ca=ca", "crl=crl", "tls_version=1.3"}) {
    assign(settings, std::string("listeners.a.") + each);
  }
  const auto made = tls_of(settings.listeners.front());
  ASSERT_EQ(made.certificates.size(), 2);
  EXPECT_EQ(made.certificates[1].chain, "b.pem");
  EXPECT_EQ(made.certificates[1].key, "b.key");
  EXPECT_EQ(made.ask, net::client_certificates::optional);
  EXPECT_EQ(made.client_ca, "ca");
  EXPECT_EQ(made.crl, "crl");
  EXPECT_EQ(made.minimum, net::tls_version::v1_3);
  assign(settings, "listeners.a.tls_ciphers=ECDHE");
  EXPECT_EQ(tls_of(settings.listeners.front()).ciphers, "ECDHE");
}

}  // namespace
}  // namespace headgate::config
