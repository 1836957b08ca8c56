#include "net/development_certificates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>

#include "net/tls_settings.hpp"

namespace headgate::net {
namespace {

using testing::HasSubstr;

struct frees {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* memory) const { BIO_free(memory); }
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};
using certificate = std::unique_ptr<X509, frees>;

certificate read(const std::string& text) {
  const std::unique_ptr<BIO, frees> memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  return certificate(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
}

// X509_V_OK, or what is wrong, for this purpose.
int verify(const certificate_pair& authority, const certificate_pair& issued, int purpose) {
  const auto trusted = read(authority.certificate);
  const auto shown = read(issued.certificate);
  const std::unique_ptr<X509_STORE, frees> store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), trusted.get());
  const std::unique_ptr<X509_STORE_CTX, frees> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), shown.get(), nullptr);
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT);
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

bool has_key(const certificate_pair& pair) {
  const std::unique_ptr<BIO, frees> memory(BIO_new_mem_buf(pair.key.data(), static_cast<int>(pair.key.size())));
  const std::unique_ptr<EVP_PKEY, frees> key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr));
  return X509_check_private_key(read(pair.certificate).get(), key.get()) == 1;
}

TEST(development_certificates, what_the_authority_signed_is_good_for_its_purpose_alone) {
  const auto authority = make_authority("an authority", 10);
  const auto server = make_server_certificate(authority, {"localhost", "127.0.0.1", "::1"}, 10);
  const auto client = make_client_certificate(authority, "pump-7", 10);
  EXPECT_TRUE(has_key(authority));
  EXPECT_TRUE(has_key(server));
  EXPECT_TRUE(has_key(client));
  EXPECT_EQ(verify(authority, server, X509_PURPOSE_SSL_SERVER), X509_V_OK);
  EXPECT_EQ(verify(authority, client, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  EXPECT_NE(verify(authority, server, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  EXPECT_NE(verify(authority, client, X509_PURPOSE_SSL_SERVER), X509_V_OK);
}

TEST(development_certificates, another_authority_does_not_verify_them) {
  const auto server = make_server_certificate(make_authority("one", 10), {"localhost"}, 10);
  EXPECT_NE(verify(make_authority("another", 10), server, X509_PURPOSE_SSL_SERVER), X509_V_OK);
}

TEST(development_certificates, a_server_is_known_by_its_names_and_addresses) {
  const auto server = make_server_certificate(make_authority("one", 10), {"broker.example.com", "192.0.2.7"}, 10);
  const auto shown = read(server.certificate);
  EXPECT_EQ(X509_check_host(shown.get(), "broker.example.com", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(shown.get(), "other.example.com", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_ip_asc(shown.get(), "192.0.2.7", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(shown.get(), "192.0.2.8", 0), 0);
}

TEST(development_certificates, host_names_that_machines_have_are_taken) {
  const auto authority = make_authority("one", 10);
  const auto shown = read(make_server_certificate(authority, {"build_host_7"}, 10).certificate);
  EXPECT_EQ(X509_check_host(shown.get(), "build_host_7", 0, 0, nullptr), 1);
}

TEST(development_certificates, a_name_too_long_for_a_common_name_stands_beside_none) {
  const auto authority = make_authority("one", 10);
  const std::string name = std::string(60, 'a') + ".example.com";
  const auto made = make_server_certificate(authority, {name}, 10);
  const auto shown = read(made.certificate);
  EXPECT_EQ(X509_NAME_entry_count(X509_get_subject_name(shown.get())), 0);
  EXPECT_EQ(X509_check_host(shown.get(), name.c_str(), 0, 0, nullptr), 1);
  EXPECT_EQ(verify(authority, made, X509_PURPOSE_SSL_SERVER), X509_V_OK);
}

TEST(development_certificates, what_is_no_name_is_refused) {
  const auto authority = make_authority("one", 10);
  for (const std::string name : {"", "a b", "a,DNS:evil.example.com", "IP:1", "-\n"}) {
    EXPECT_THROW(make_server_certificate(authority, {name}, 10), tls_error) << name;
  }
}

TEST(development_certificates, an_authority_whose_key_is_anothers_is_refused) {
  const certificate_pair mixed{make_authority("one", 10).certificate, make_authority("two", 10).key};
  try {
    make_client_certificate(mixed, "pump-7", 10);
    FAIL() << "it signed";
  } catch (const tls_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("authority's key"));
  }
}

}  // namespace
}  // namespace headgate::net
