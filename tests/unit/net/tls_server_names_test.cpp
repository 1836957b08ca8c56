#include "net/tls_server_names.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>
#include <utility>
#include <vector>

namespace headgate::net::testing {
namespace {

tls_identity identity(int key_type, std::vector<std::string> names) {
  tls_identity made;
  made.key_type = key_type;
  made.names = std::move(names);
  return made;
}

std::vector<tls_identity> identities(tls_identity first, tls_identity second, tls_identity third) {
  std::vector<tls_identity> made;
  made.push_back(std::move(first));
  made.push_back(std::move(second));
  made.push_back(std::move(third));
  return made;
}

TEST(tls_server_names, who_names_none_is_shown_the_first_and_what_has_its_name_and_another_kind_of_key) {
  const auto all = identities(identity(EVP_PKEY_EC, {"a.test"}), identity(EVP_PKEY_RSA, {"b.test"}),
                              identity(EVP_PKEY_RSA, {"a.test", "b.test"}));
  EXPECT_EQ(default_set(all), (certificate_set{0, 2}));
}

TEST(tls_server_names, certificates_of_addresses_stand_beside_each_other_by_kind_of_key) {
  const auto all =
      identities(identity(EVP_PKEY_EC, {}), identity(EVP_PKEY_RSA, {}), identity(EVP_PKEY_RSA, {"a.test"}));
  EXPECT_EQ(default_set(all), (certificate_set{0, 1}));
}

}  // namespace
}  // namespace headgate::net::testing
