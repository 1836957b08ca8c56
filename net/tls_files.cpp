#include "net/tls_files.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "net/tls_certificate.hpp"

namespace headgate::net {

namespace {

[[noreturn]] void fail(const std::string& text) {
  ERR_clear_error();
  throw tls_error(text);
}

bio_handle open(const std::string& file, const std::string& what) {
  ERR_clear_error();
  bio_handle bio(BIO_new_file(file.c_str(), "r"));
  if (bio) return bio;
  const int error = errno;
  fail("cannot read " + what + " " + file + ": " + std::strerror(error));
}

// Whether reading stopped because there is no further object, not because one is damaged.
bool is_at_end() {
  const auto error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

// A server must not stop to ask for a passphrase.
struct passphrase_request {
  bool made = false;
  static int refuse(char*, int, int, void* request) {
    static_cast<passphrase_request*>(request)->made = true;
    return -1;
  }
};

std::vector<certificate_handle> read_certificates(const std::string& file, const std::string& what) {
  const auto bio = open(file, what);
  std::vector<certificate_handle> certificates;
  while (certificate_handle certificate{PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr)}) {
    certificates.push_back(std::move(certificate));
  }
  if (!is_at_end()) {
    fail(what + " " + file + " is damaged in its certificate no. " + std::to_string(certificates.size() + 1) +
         ": put PEM certificates there, from BEGIN CERTIFICATE to END CERTIFICATE");
  }
  if (certificates.empty()) {
    fail(what + " " + file + " holds no certificate: put PEM there, which begins with BEGIN CERTIFICATE");
  }
  ERR_clear_error();
  return certificates;
}

// Whether it says that it does.
bool holds_private_key(const std::string& file) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("-----BEGIN ") && line.find("PRIVATE KEY-----") != std::string::npos) return true;
  }
  return false;
}

key_handle read_key(const std::string& file) {
  const auto bio = open(file, "key");
  passphrase_request request;
  key_handle key(PEM_read_bio_PrivateKey(bio.get(), nullptr, passphrase_request::refuse, &request));
  if (key) return key;
  if (request.made) {
    fail("key " + file + " is locked with a passphrase, which nobody can be asked for here: store it without one " +
         "(openssl pkey -in " + file + " -out unlocked.key) where only this server's user can read it");
  }
  if (!holds_private_key(file)) {
    fail("key " + file + " holds no private key: put PEM there, which begins with BEGIN PRIVATE KEY");
  }
  fail("key " + file + " is damaged, or of a kind that is not known here: make a new one for its certificate");
}

// "no. 2, Example CA", to find it by in a file of several.
std::string place_of(std::size_t n, const x509_st* certificate) {
  const auto name = common_name(certificate);
  return "no. " + std::to_string(n + 1) + (name.empty() ? "" : ", " + name + ",");
}

void note_validity(const tls_identity& identity, std::vector<validity>& validities) {
  const auto what = "certificate " + identity.file;
  for (std::size_t n = 0; n < identity.chain.size(); ++n) {
    const auto* one = identity.chain[n].get();
    validities.push_back(n == 0 ? validity_of_certificate(validity_of::own, what, one)
                                : validity_of_certificate(validity_of::chain, what + ": " + place_of(n, one), one));
  }
}

// The leaf needs a list; where an authority above has none, its issuer is trusted.
int tolerate_missing_lists(int ok, X509_STORE_CTX* checking) {
  if (ok != 1 && X509_STORE_CTX_get_error(checking) == X509_V_ERR_UNABLE_TO_GET_CRL &&
      X509_STORE_CTX_get_error_depth(checking) > 0) {
    X509_STORE_CTX_set_error(checking, X509_V_OK);
    return 1;
  }
  return ok;
}

}  // namespace

tls_identity read_identity(const tls_certificate& files, std::vector<validity>& validities) {
  tls_identity read;
  read.file = files.chain;
  read.chain = read_certificates(files.chain, "certificate");
  read.key = read_key(files.key);
  read.key_type = EVP_PKEY_get_base_id(read.key.get());
  auto* own = read.chain.front().get();
  if (X509_check_private_key(own, read.key.get()) != 1) {
    for (const auto& other : read.chain) {
      if (X509_check_private_key(other.get(), read.key.get()) != 1) continue;
      fail("certificate " + files.chain + " is in the wrong order: put the one that key " + files.key +
           " belongs to first, and those of authorities behind it");
    }
    fail("key " + files.key + " does not belong to certificate " + files.chain +
         ": name the key that the certificate was made with");
  }
  note_validity(read, validities);
  read.names = names_of(own);
  ERR_clear_error();
  return read;
}

void use_identity(const tls_identity& identity, ssl_ctx_st* context) {
  ERR_clear_error();
  if (SSL_CTX_use_certificate(context, identity.chain.front().get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, identity.key.get()) != 1) {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    fail("certificate " + identity.file + " cannot be used (" + (reason != nullptr ? reason : "unknown reason") +
         "): use one with an ECDSA P-256 key, or an RSA key of 2048 bits or more, signed with SHA-256");
  }
  for (std::size_t n = 1; n < identity.chain.size(); ++n) {
    if (SSL_CTX_add1_chain_cert(context, identity.chain[n].get()) == 1) continue;
    fail("certificate " + identity.file + ": no. " + std::to_string(n + 1) +
         " cannot be used: its key or signature is too weak; get a new chain from its authority");
  }
}

void trust_authorities(const std::string& ca_file, ssl_ctx_st* context, told_to_peers told,
                       std::vector<validity>& validities) {
  const auto what = "authorities' file " + ca_file;
  const auto authorities = read_certificates(ca_file, "authorities' file");
  auto* store = SSL_CTX_get_cert_store(context);
  for (std::size_t n = 0; n < authorities.size(); ++n) {
    auto* authority = authorities[n].get();
    if (X509_STORE_add_cert(store, authority) != 1) fail(what + " cannot be used");
    if (told == told_to_peers::yes) SSL_CTX_add_client_CA(context, authority);
    validities.push_back(
        validity_of_certificate(validity_of::authority, what + ": " + place_of(n, authority), authority));
  }
}

void refuse_revoked(const std::string& crl_file, ssl_ctx_st* context, std::vector<validity>& validities) {
  const auto bio = open(crl_file, "list of revoked certificates");
  auto* store = SSL_CTX_get_cert_store(context);
  std::size_t lists = 0;
  while (auto* list = PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr)) {
    ++lists;
    const bool added = X509_STORE_add_crl(store, list) == 1;
    add_validity_of_list("list of revoked certificates " + crl_file, list, validities);
    X509_CRL_free(list);
    if (!added) fail("list of revoked certificates " + crl_file + " cannot be used");
  }
  if (!is_at_end()) {
    fail("list of revoked certificates " + crl_file + " is damaged in its list no. " + std::to_string(lists + 1) +
         ": get a new one from its authority");
  }
  if (lists == 0) {
    fail("list of revoked certificates " + crl_file + " holds none: put PEM there, which begins with BEGIN X509 CRL");
  }
  ERR_clear_error();
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  X509_STORE_set_verify_cb(store, tolerate_missing_lists);
}

}  // namespace headgate::net
