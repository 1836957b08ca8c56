#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/conflicts.hpp"
#include "config/settings.hpp"

// What keys of one listener say together about who may come in and how.
namespace headgate::config {
namespace {

using ::testing::HasSubstr;

std::string error_with(const std::vector<std::string>& assignments) {
  settings settings;
  for (const auto& assignment : assignments) assign(settings, assignment);
  try {
    check(settings);
  } catch (const settings_error& error) {
    return error.what();
  }
  return "";
}

// With `more` keys of the listener.
std::string error_of_tls(const std::vector<std::string>& more, std::string certificate = "c.pem",
                         std::string key = "k.pem") {
  std::vector<std::string> all = {"listeners.a.transport=tls", "listeners.a.certificate=" + certificate,
                                  "listeners.a.key=" + key};
  for (const auto& each : more) all.push_back("listeners.a." + each);
  return error_with(all);
}

TEST(check, tls_needs_certificate_and_key) {
  EXPECT_EQ(error_of_tls({}), "");
  EXPECT_EQ(error_of_tls({}, "", ""),
            "listeners.a.transport=tls needs a certificate and its key: set listeners.a.certificate and "
            "listeners.a.key to the names of PEM files ('headgate cert dev' makes some for trying things out)");
  EXPECT_THAT(error_of_tls({}, "", "k"), HasSubstr("set listeners.a.certificate to"));
  EXPECT_THAT(error_of_tls({}, "c", ""), HasSubstr("set listeners.a.key to"));
}

TEST(check, there_are_as_many_keys_as_certificates) {
  EXPECT_EQ(error_of_tls({}, "rsa.pem, ecdsa.pem", "rsa.key,ecdsa.key"), "");
  EXPECT_THAT(error_of_tls({}, "rsa.pem,ecdsa.pem", "rsa.key"),
              HasSubstr("listeners.a has 2 certificates and 1 key: the n-th key is that of the n-th certificate"));
}

TEST(check, keys_of_tls_are_for_tls) {
  EXPECT_EQ(error_with({"listeners.a.certificate=c"}),
            "listeners.a.certificate means nothing without TLS: set listeners.a.transport to tls, or leave it out");
  for (const std::string key : {"certificate=c", "key=k", "client_certificate=required", "client_ca=c", "crl=c",
                                "user_name=common_name", "tls_version=1.3", "tls_ciphers=ALL"}) {
    EXPECT_THAT(error_with({"listeners.a." + key}), HasSubstr("means nothing without TLS")) << key;
  }
  EXPECT_EQ(error_with({"listeners.a.key=k", "listeners.a.crl=c"}),
            "listeners.a.key, listeners.a.crl mean nothing without TLS: set listeners.a.transport to tls, or leave "
            "them out");
}

TEST(check, certificates_of_clients_need_authorities) {
  for (const std::string ask : {"client_certificate=optional", "client_certificate=required"}) {
    EXPECT_THAT(error_of_tls({ask}), HasSubstr("set listeners.a.client_ca to a PEM file"));
    EXPECT_EQ(error_of_tls({ask, "client_ca=ca", "crl=crl", "user_name=common_name"}), "");
  }
  EXPECT_THAT(error_of_tls({"client_ca=ca"}), HasSubstr("listeners.a.client_ca is for certificates of clients"));
  EXPECT_THAT(error_of_tls({"crl=crl"}), HasSubstr("listeners.a.crl is for certificates of clients"));
  EXPECT_THAT(error_of_tls({"user_name=alternative_name"}),
              HasSubstr("listeners.a.user_name is to come from certificates of clients, which nobody asks for: set "
                        "listeners.a.client_certificate to required or optional"));
}

TEST(check, ciphers_are_of_tls_1_2) {
  EXPECT_EQ(error_of_tls({"tls_ciphers=ECDHE"}), "");
  EXPECT_EQ(error_of_tls({"tls_version=1.3"}), "");
  EXPECT_THAT(error_of_tls({"tls_ciphers=ECDHE", "tls_version=1.3"}),
              HasSubstr("listeners.a.tls_ciphers are cipher suites of TLS 1.2, which listeners.a.tls_version=1.3"));
}

TEST(check, an_open_listener_asks_for_something) {
  const std::string open = "bind=0.0.0.0";
  EXPECT_THAT(error_of_tls({open}), HasSubstr("is open to other machines, and asks nobody for a password"));
  EXPECT_THAT(error_of_tls({open, "anonymous=refuse"}), HasSubstr("is open to other machines"));
  EXPECT_THAT(error_of_tls({open, "client_certificate=optional", "client_ca=ca"}),
              HasSubstr("is open to other machines"));
  EXPECT_EQ(error_of_tls({open, "client_certificate=required", "client_ca=ca"}), "");
  EXPECT_EQ(error_of_tls({open, "anonymous=allow"}), "");
  EXPECT_EQ(error_with({"listeners.a.bind=0.0.0.0", "auth.password_file=users"}), "");
  EXPECT_EQ(error_with({"listeners.a.bind=0.0.0.0", "listeners.a.anonymous=allow", "auth.password_file=users"}), "");
}

TEST(check, somebody_can_come_in) {
  EXPECT_THAT(error_with({"listeners.a.anonymous=refuse"}),
              HasSubstr("listeners.a.anonymous=refuse leaves nobody who could come in"));
  EXPECT_EQ(error_with({"listeners.a.anonymous=refuse", "auth.password_file=users"}), "");
  EXPECT_EQ(error_of_tls({"anonymous=refuse", "client_certificate=required", "client_ca=ca"}), "");
  EXPECT_EQ(error_of_tls({"anonymous=refuse", "client_certificate=optional", "client_ca=ca", "user_name=common_name"}),
            "");
}

TEST(check, who_has_no_name) {
  auth users;
  users.password_file = "users";
  listener listener{"a"};
  EXPECT_TRUE(allows_anonymous(listener, {}));
  EXPECT_FALSE(allows_anonymous(listener, users));
  listener.bind = "0.0.0.0";
  EXPECT_FALSE(allows_anonymous(listener, {}));
  listener.client_certificate = net::client_certificates::required;
  EXPECT_TRUE(allows_anonymous(listener, {}));
  listener.anonymous = anonymous::refuse;
  EXPECT_FALSE(allows_anonymous(listener, {}));
  listener.anonymous = anonymous::allow;
  EXPECT_TRUE(allows_anonymous(listener, users));
}

}  // namespace
}  // namespace headgate::config
