#include "net/development_certificates.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <cctype>
#include <memory>
#include <string_view>

#include "net/socket_address.hpp"
#include "net/tls_settings.hpp"

namespace headgate::net {

namespace {

template <auto Free>
struct freed_by {
  template <class Type>
  void operator()(Type* object) const {
    Free(object);
  }
};
using bio = std::unique_ptr<BIO, freed_by<&BIO_free>>;
using key = std::unique_ptr<EVP_PKEY, freed_by<&EVP_PKEY_free>>;
using certificate = std::unique_ptr<X509, freed_by<&X509_free>>;
using extension = std::unique_ptr<X509_EXTENSION, freed_by<&X509_EXTENSION_free>>;

// Its text is for whoever runs the command; the cause is one that nobody expects.
[[noreturn]] void fail(const std::string& what) {
  std::array<char, 256> cause{};
  ERR_error_string_n(ERR_get_error(), cause.data(), cause.size());
  throw tls_error("OpenSSL cannot " + what + ": " + cause.data());
}

template <class Result>
Result checked(Result result, const char* what) {
  if (!result) fail(what);
  return result;
}

bio memory_of(std::string_view text) {
  return bio(checked(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), "read a text"));
}

template <class Write>
std::string pem_of(Write write) {
  const bio memory(checked(BIO_new(BIO_s_mem()), "allocate"));
  checked(write(memory.get()), "write PEM");
  char* data = nullptr;
  const auto size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

certificate_pair pair_of(X509* certificate, EVP_PKEY* key) {
  return {pem_of([&](BIO* out) { return PEM_write_bio_X509(out, certificate); }), pem_of([&](BIO* out) {
            return PEM_write_bio_PKCS8PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

key new_key() {
  return key(checked(EVP_EC_gen("P-256"), "make a key"));
}

void set_serial(X509* certificate) {
  // 127 random bits: positive, and nobody's twice (RFC 5280, 4.1.2.2).
  std::array<std::uint8_t, 16> random{};
  checked(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1, "draw a random number");
  random.front() &= 0x7f;
  const std::unique_ptr<BIGNUM, freed_by<&BN_free>> number(
      checked(BN_bin2bn(random.data(), static_cast<int>(random.size()), nullptr), "make a serial number"));
  checked(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)), "make a serial number");
}

void add(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const extension added(checked(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), "make an extension"));
  checked(X509_add_ext(certificate, added.get(), -1), "add an extension");
}

// Without a common name: empty. Valid from an hour ago, since clocks differ.
certificate blank(const std::string& common_name, EVP_PKEY* key, std::uint32_t days) {
  certificate made(checked(X509_new(), "allocate"));
  checked(X509_set_version(made.get(), X509_VERSION_3), "set the version");
  set_serial(made.get());
  checked(X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600), "set a time");
  checked(X509_time_adj_ex(X509_getm_notAfter(made.get()), static_cast<int>(days), 0, nullptr), "set a time");
  if (!common_name.empty()) {
    auto* name = X509_get_subject_name(made.get());
    const auto* text = reinterpret_cast<const std::uint8_t*>(common_name.c_str());
    checked(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0),
            ("take '" + common_name + "' as a name").c_str());
  }
  checked(X509_set_pubkey(made.get(), key), "set the key");
  return made;
}

void sign(X509* certificate, EVP_PKEY* key) {
  checked(X509_sign(certificate, key, EVP_sha256()), "sign");
}

std::string alternative_name_of(const std::string& name) {
  return (is_address(name) ? "IP:" : "DNS:") + name;
}

// Host names with '_' are none by RFC 1123, and machines have them all the same.
bool can_be_dns_name(const std::string& name) {
  for (const unsigned char letter : name) {
    if (!std::isalnum(letter) && letter != '-' && letter != '.' && letter != '_') return false;
  }
  return !name.empty() && name.size() <= 253;
}

certificate_pair issue(const certificate_pair& authority, const std::string& common_name, std::uint32_t days,
                       const std::string& usage, const std::string& alternative_names) {
  const auto issuer_text = memory_of(authority.certificate);
  const auto key_text = memory_of(authority.key);
  const certificate issuer(
      checked(PEM_read_bio_X509(issuer_text.get(), nullptr, nullptr, nullptr), "read the authority's certificate"));
  const key issuer_key(
      checked(PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr), "read the authority's key"));
  checked(X509_check_private_key(issuer.get(), issuer_key.get()) == 1, "match the authority's key to its certificate");
  const auto own_key = new_key();
  const auto made = blank(common_name, own_key.get(), days);
  checked(X509_set_issuer_name(made.get(), X509_get_subject_name(issuer.get())), "set the issuer");
  add(made.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
  add(made.get(), issuer.get(), NID_key_usage, "critical,digitalSignature");
  add(made.get(), issuer.get(), NID_ext_key_usage, usage);
  add(made.get(), issuer.get(), NID_subject_key_identifier, "hash");
  add(made.get(), issuer.get(), NID_authority_key_identifier, "keyid");
  if (!alternative_names.empty()) {
    // Critical where they are all there is (RFC 5280, 4.2.1.6).
    add(made.get(), issuer.get(), NID_subject_alt_name, (common_name.empty() ? "critical," : "") + alternative_names);
  }
  sign(made.get(), issuer_key.get());
  return pair_of(made.get(), own_key.get());
}

}  // namespace

certificate_pair make_authority(const std::string& common_name, std::uint32_t days) {
  const auto own_key = new_key();
  const auto made = blank(common_name, own_key.get(), days);
  checked(X509_set_issuer_name(made.get(), X509_get_subject_name(made.get())), "set the issuer");
  add(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add(made.get(), made.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add(made.get(), made.get(), NID_subject_key_identifier, "hash");
  sign(made.get(), own_key.get());
  return pair_of(made.get(), own_key.get());
}

certificate_pair make_server_certificate(const certificate_pair& authority, const std::vector<std::string>& names,
                                         std::uint32_t days) {
  std::string alternative_names;
  for (const auto& name : names) {
    if (!is_address(name) && !can_be_dns_name(name.starts_with("*.") ? name.substr(2) : name)) {
      throw tls_error("'" + name + "' is neither a host name nor an address");
    }
    alternative_names += (alternative_names.empty() ? "" : ",") + alternative_name_of(name);
  }
  const auto& first = names.front();
  return issue(authority, first.size() <= longest_common_name ? first : "", days, "serverAuth", alternative_names);
}

certificate_pair make_client_certificate(const certificate_pair& authority, const std::string& name,
                                         std::uint32_t days) {
  return issue(authority, name, days, "clientAuth", can_be_dns_name(name) ? "DNS:" + name : "");
}

}  // namespace headgate::net
