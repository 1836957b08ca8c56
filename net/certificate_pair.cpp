#include "net/certificate_pair.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>

#include "net/tls_certificate.hpp"
#include "net/tls_handles.hpp"

namespace headgate::net {

namespace {

bio_handle memory_of(const std::string& text) {
  return bio_handle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

certificate_handle certificate_in(const std::string& text) {
  const auto memory = memory_of(text);
  return certificate_handle(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
}

key_handle key_in(const std::string& text) {
  const auto memory = memory_of(text);
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  return key_handle(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, nullptr));
}

std::string address_of(const ASN1_OCTET_STRING* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(bytes) != 16) return {};
  const char* written =
      ::inet_ntop(family, ASN1_STRING_get0_data(bytes), text.data(), static_cast<socklen_t>(text.size()));
  return written == nullptr ? "" : written;
}

// Addresses of its subject alternative names.
std::vector<std::string> addresses_of(const x509_st* certificate) {
  std::vector<std::string> addresses;
  auto* all = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int n = 0; n < sk_GENERAL_NAME_num(all); ++n) {
    int type = 0;
    const auto* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all, n), &type);
    if (type != GEN_IPADD) continue;
    auto address = address_of(static_cast<const ASN1_OCTET_STRING*>(value));
    if (!address.empty()) addresses.push_back(std::move(address));
  }
  GENERAL_NAMES_free(all);
  return addresses;
}

}  // namespace

pair_facts facts_of(const certificate_pair& pair) {
  pair_facts facts;
  const auto certificate = certificate_in(pair.certificate);
  if (certificate) {
    const auto* end = X509_get0_notAfter(certificate.get());
    std::tm parts{};
    if (ASN1_TIME_to_tm(end, &parts) == 1) facts.ends_s = ::timegm(&parts);
    facts.ends = date_text(end);
    facts.names = names_of(certificate.get());
    for (auto& address : addresses_of(certificate.get())) {
      std::erase(facts.names, address);  // as a common name
      facts.names.push_back(std::move(address));
    }
    const auto key = key_in(pair.key);
    if (!key) {
      facts.fault = pair_fault::key;
    } else if (X509_check_private_key(certificate.get(), key.get()) != 1) {
      facts.fault = pair_fault::mismatch;
    }
  } else {
    facts.fault = pair_fault::certificate;
  }
  ERR_clear_error();
  return facts;
}

bool has_signed(const certificate_pair& authority, const certificate_pair& issued) {
  const auto above = certificate_in(authority.certificate);
  const auto below = certificate_in(issued.certificate);
  const bool has = above && below && X509_check_issued(above.get(), below.get()) == X509_V_OK &&
                   X509_verify(below.get(), X509_get0_pubkey(above.get())) == 1;
  ERR_clear_error();
  return has;
}

}  // namespace headgate::net
