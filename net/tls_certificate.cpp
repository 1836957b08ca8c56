#include "net/tls_certificate.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "net/tls_handles.hpp"

namespace headgate::net {

namespace {

std::string text_of(const ASN1_STRING* string) {
  std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                   static_cast<std::size_t>(ASN1_STRING_length(string)));
  return text.find('\0') == std::string::npos ? text : std::string();
}

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

// The subject alternative names of one kind: GEN_DNS, GEN_EMAIL or GEN_URI.
std::vector<std::string> alternative_names(const x509_st* certificate, int kind) {
  std::vector<std::string> names;
  auto* all = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int n = 0; n < sk_GENERAL_NAME_num(all); ++n) {
    int type = 0;
    const auto* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all, n), &type);
    if (type != kind) continue;
    auto name = text_of(static_cast<const ASN1_STRING*>(value));
    if (!name.empty()) names.push_back(std::move(name));
  }
  GENERAL_NAMES_free(all);
  ERR_clear_error();
  return names;
}

}  // namespace

std::vector<std::string> names_of(const x509_st* certificate) {
  auto names = alternative_names(certificate, GEN_DNS);
  if (names.empty()) names.push_back(common_name(certificate));
  std::erase(names, std::string());
  for (auto& name : names) name = in_lower_case(std::move(name));
  return names;
}

std::string common_name(const x509_st* certificate) {
  const auto* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) {
    ERR_clear_error();
    return {};
  }
  std::string name(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return name.find('\0') == std::string::npos ? name : std::string();
}

std::string alternative_name(const x509_st* certificate) {
  for (const int kind : {GEN_DNS, GEN_EMAIL, GEN_URI}) {
    const auto names = alternative_names(certificate, kind);
    if (!names.empty()) return names.front();
  }
  return {};
}

std::string date_text(const asn1_string_st* time) {
  const bio_handle memory(BIO_new(BIO_s_mem()));
  ASN1_TIME_print(memory.get(), time);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace headgate::net
