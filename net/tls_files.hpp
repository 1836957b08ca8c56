#pragma once

#include <string>
#include <vector>

#include "net/tls_handles.hpp"
#include "net/tls_settings.hpp"
#include "net/tls_validity.hpp"

// Internal to net/: PEM files as OpenSSL's objects. All of these throw tls_error.
namespace headgate::net {

// A certificate with its key and all that is asked of it.
struct tls_identity {
  std::string file;
  std::vector<certificate_handle> chain;  // its own first
  key_handle key;
  int key_type = 0;                // of OpenSSL: EVP_PKEY_RSA, EVP_PKEY_EC, …
  std::vector<std::string> names;  // in lower case: DNS names of its SAN, or else its common name (RFC 6125, 6.4.4)
};

// Refuses a key of somebody else. A certificate that has expired, or whose time has not come, is taken: it may be our
// clock that is wrong, and everything else that a reload or a start is for should not wait for it. From when until when
// each of the chain is good is added to `validities`.
tls_identity read_identity(const tls_certificate& files, std::vector<validity>& validities);
void use_identity(const tls_identity& identity, ssl_ctx_st* context);

// Authorities that the context trusts, whose names clients are told if it is a server's.
enum class told_to_peers : bool { no, yes };
void trust_authorities(const std::string& ca_file, ssl_ctx_st* context, told_to_peers told,
                       std::vector<validity>& validities);
// Lists of revoked certificates. An issuer without one is a refusal for a client's own certificate only: authorities
// above it are looked up where they have a list.
void refuse_revoked(const std::string& crl_file, ssl_ctx_st* context, std::vector<validity>& validities);

}  // namespace headgate::net
