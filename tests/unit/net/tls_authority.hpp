#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "net/tls_settings.hpp"

// Authorities and certificates for tests, made with OpenSSL and written to files.
namespace headgate::net::testing {

// A directory of its own, gone with it.
class temporary_files {
 public:
  temporary_files() {
    auto name = (std::filesystem::temp_directory_path() / "headgate-tls-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~temporary_files() { std::filesystem::remove_all(directory_); }
  temporary_files(const temporary_files&) = delete;
  temporary_files& operator=(const temporary_files&) = delete;

  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  // Returns its path.
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::trunc) << content;
    return path(name);
  }

 private:
  std::filesystem::path directory_;
};

// What a certificate says of itself.
struct certificate_wish {
  std::string common_name = "device";
  std::string alternative_names{};  // "DNS:a.example.com,email:a@b.c,URI:urn:x"
  bool rsa = false;                 // otherwise ECDSA P-256
  int from_days = -1;               // from today
  int to_days = 30;
};

template <class T, class Write>
std::string pem_of(T* object, Write write) {
  auto* memory = BIO_new(BIO_s_mem());
  write(memory, object);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(memory, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(memory);
  return pem;
}

inline std::string key_pem(EVP_PKEY* key) {
  return pem_of(
      key, [](BIO* bio, EVP_PKEY* of) { PEM_write_bio_PrivateKey(bio, of, nullptr, nullptr, 0, nullptr, nullptr); });
}

inline std::string locked_key_pem(EVP_PKEY* key) {
  return pem_of(key, [](BIO* bio, EVP_PKEY* of) {
    unsigned char passphrase[] = "secret";
    PEM_write_bio_PrivateKey(bio, of, EVP_aes_128_cbc(), passphrase, 6, nullptr, nullptr);
  });
}

// RSA keys take long to make: one a name and process.
inline EVP_PKEY* make_key(bool rsa) {
  static EVP_PKEY* const shared = EVP_RSA_gen(2048);
  if (!rsa) return EVP_EC_gen("P-256");
  EVP_PKEY_up_ref(shared);
  return shared;
}

class authority {
 public:
  explicit authority(const temporary_files& files, std::string name = "authority", authority* above = nullptr)
      : files_(files), name_(std::move(name)), above_(above), key_(make_key(false)) {
    certificate_ = (above != nullptr ? above : this)
                       ->sign(key_, {.common_name = name_}, {{NID_basic_constraints, "critical,CA:TRUE"}}, true);
    file_ = files_.write(name_ + ".pem", certificate_pem());
  }
  ~authority() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  authority(const authority&) = delete;
  authority& operator=(const authority&) = delete;

  // Writes the certificate, with that of this authority behind it if it is not a root, and its key.
  tls_certificate make(const std::string& name, const certificate_wish& wish = {}) {
    auto* key = make_key(wish.rsa);
    extensions with{{NID_basic_constraints, "CA:FALSE"}};
    if (!wish.alternative_names.empty()) with.emplace(NID_subject_alt_name, wish.alternative_names);
    auto* made = sign(key, wish, with, false);
    const auto chain = x509_pem(made) + (above_ != nullptr ? certificate_pem() : std::string());
    tls_certificate written{files_.write(name + ".pem", chain), files_.write(name + ".key", key_pem(key))};
    files_.write(name + ".locked", locked_key_pem(key));
    X509_free(made);
    EVP_PKEY_free(key);
    return written;
  }
  // Revokes the last one made.
  void revoke() { revoked_.push_back(serial_); }
  const std::string& file() const { return file_; }
  std::string certificate_pem() const { return x509_pem(certificate_); }
  // Of all that were revoked.
  std::string revoked_pem(int to_days = 30) const {
    auto* list = X509_CRL_new();
    X509_CRL_set_version(list, 1);
    X509_CRL_set_issuer_name(list, X509_get_subject_name(certificate_));
    auto* time = X509_time_adj_ex(nullptr, -2, 0, nullptr);
    X509_CRL_set1_lastUpdate(list, time);
    X509_time_adj_ex(time, to_days, 0, nullptr);
    X509_CRL_set1_nextUpdate(list, time);
    X509_time_adj_ex(time, -2, 0, nullptr);
    for (const auto serial : revoked_) {
      auto* entry = X509_REVOKED_new();
      auto* number = ASN1_INTEGER_new();
      ASN1_INTEGER_set(number, serial);
      X509_REVOKED_set_serialNumber(entry, number);
      X509_REVOKED_set_revocationDate(entry, time);
      X509_CRL_add0_revoked(list, entry);
      ASN1_INTEGER_free(number);
    }
    ASN1_TIME_free(time);
    X509_CRL_sort(list);
    X509_CRL_sign(list, key_, EVP_sha256());
    auto pem = pem_of(list, [](BIO* bio, X509_CRL* of) { PEM_write_bio_X509_CRL(bio, of); });
    X509_CRL_free(list);
    return pem;
  }

 private:
  using extensions = std::map<int, std::string>;

  static std::string x509_pem(X509* certificate) {
    return pem_of(certificate, [](BIO* bio, X509* of) { PEM_write_bio_X509(bio, of); });
  }

  X509* sign(EVP_PKEY* key, const certificate_wish& wish, const extensions& with, bool is_authority) {
    auto* made = X509_new();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial_);
    X509_time_adj_ex(X509_getm_notBefore(made), wish.from_days, 0, nullptr);
    X509_time_adj_ex(X509_getm_notAfter(made), wish.to_days, 0, nullptr);
    auto* name = X509_get_subject_name(made);
    if (!wish.common_name.empty()) {
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(wish.common_name.c_str()), -1, -1, 0);
    }
    X509_set_issuer_name(made, is_authority && key == key_ ? name : X509_get_subject_name(certificate_));
    X509_set_pubkey(made, key);
    for (const auto& [id, value] : with) {
      auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
      X509_add_ext(made, extension, -1);
      X509_EXTENSION_free(extension);
    }
    X509_sign(made, key_, EVP_sha256());
    return made;
  }

  const temporary_files& files_;
  std::string name_;
  authority* above_;
  EVP_PKEY* key_;
  X509* certificate_ = nullptr;
  std::string file_;
  long serial_ = 1;
  std::vector<long> revoked_;
};

}  // namespace headgate::net::testing
