#pragma once

#include <string>
#include <vector>

struct asn1_string_st;
struct x509_st;

// Internal to net/: what is read of a certificate.
namespace headgate::net {

// In lower case: the DNS names of its subject alternative names; without any, its common name (RFC 6125, 6.4.4).
std::vector<std::string> names_of(const x509_st* certificate);
// Empty: it has none, or one with a zero in it, which is an attempt to pass for somebody else.
std::string common_name(const x509_st* certificate);
// The first DNS name, e-mail address or URI of its subject alternative names, in this order; empty: it has none.
std::string alternative_name(const x509_st* certificate);
// "Nov 26 08:00:00 2026 GMT".
std::string date_text(const asn1_string_st* time);

}  // namespace headgate::net
