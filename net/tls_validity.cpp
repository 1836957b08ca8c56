#include "net/tls_validity.hpp"

#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <string_view>
#include <utility>

#include "net/tls_certificate.hpp"

namespace headgate::net {

namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t notice_s = 14 * day_s;

std::int64_t seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? std::int64_t{::timegm(&parts)} : 0;
}

// What it means that it is not good, and what to do.
std::string_view consequence(validity_of kind) {
  switch (kind) {
    case validity_of::own:
      return "clients refuse it; get a new one from its authority, put it there and reload";
    case validity_of::chain:
      return "clients may refuse the certificate that it signed; get a new chain from its authority, and reload";
    case validity_of::authority:
      return "certificates of clients that it signed are refused; put that which comes after it beside it, and reload";
    case validity_of::revoked:
      return "certificates of its authority are refused until it is; get a new one, and reload";
  }
  return {};
}

std::string in_days(std::int64_t left_s) {
  const auto days = left_s / day_s;
  if (days == 0) return "in less than a day";
  return "in " + std::to_string(days) + (days == 1 ? " day" : " days");
}

std::string sentence_about(const validity& one, std::int64_t now_s) {
  const bool is_list = one.kind == validity_of::revoked;
  if (now_s >= one.until_s) {
    return one.what + (is_list ? " was to be renewed by " + one.until : " has expired (" + one.until + ")") + ": " +
           std::string(consequence(one.kind));
  }
  if (now_s < one.from_s) {
    return one.what + " is not valid before " + one.from + ": " +
           (one.kind == validity_of::own ? "clients refuse it" : "it is refused") +
           " until then; look at this machine's clock, or use another one";
  }
  const auto left_s = one.until_s - now_s;
  if (left_s > std::min(notice_s, (one.until_s - one.from_s) / 2)) return {};
  return one.what + (is_list ? " is to be renewed by " : " ends on ") + one.until + ", " + in_days(left_s) +
         ": from then on " + std::string(consequence(one.kind));
}

}  // namespace

validity validity_of_certificate(validity_of kind, std::string what, const x509_st* certificate) {
  const auto* from = X509_get0_notBefore(certificate);
  const auto* until = X509_get0_notAfter(certificate);
  return {kind, std::move(what), seconds_of(from), seconds_of(until), date_text(from), date_text(until)};
}

void add_validity_of_list(std::string what, const X509_crl_st* list, std::vector<validity>& to) {
  const auto* from = X509_CRL_get0_lastUpdate(list);
  const auto* until = X509_CRL_get0_nextUpdate(list);
  if (until == nullptr) return;
  to.push_back(
      {validity_of::revoked, std::move(what), seconds_of(from), seconds_of(until), date_text(from), date_text(until)});
}

std::vector<std::string> warnings_about(const std::vector<validity>& all, std::int64_t now_s) {
  std::vector<std::string> sentences;
  for (const auto& one : all) {
    if (auto sentence = sentence_about(one, now_s); !sentence.empty()) sentences.push_back(std::move(sentence));
  }
  return sentences;
}

}  // namespace headgate::net
