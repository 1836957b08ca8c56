#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct x509_st;
struct X509_crl_st;

// Internal to net/: from when until when our files are good, and what is to be said of it.
namespace headgate::net {

enum class validity_of : std::uint8_t { own, chain, authority, revoked };

struct validity {
  validity_of kind = validity_of::own;
  std::string what;         // "certificate server.pem"
  std::int64_t from_s = 0;  // since 1970
  std::int64_t until_s = 0;
  std::string from{};  // "Nov 26 08:00:00 2026 GMT"
  std::string until{};
};

validity validity_of_certificate(validity_of kind, std::string what, const x509_st* certificate);
// Adds nothing for a list that does not say when the next one comes, though it should (RFC 5280, 5.1.2.5).
void add_validity_of_list(std::string what, const X509_crl_st* list, std::vector<validity>& to);

// A sentence for each that is not good at `now_s`, or ends within 14 days. What is made for less than 28 days, such as
// lists that are renewed each week, is told in the second half of its time only: it is renewed all the time.
std::vector<std::string> warnings_about(const std::vector<validity>& all, std::int64_t now_s);

}  // namespace headgate::net
