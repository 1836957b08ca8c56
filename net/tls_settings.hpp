#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace headgate::net {

// Names of files, all of them PEM.
struct tls_certificate {
  std::string chain;  // the certificate, then those of intermediate authorities
  std::string key;
};

enum class tls_version : std::uint8_t { v1_2, v1_3 };
enum class client_certificates : std::uint8_t { none, optional, required };

// The server's side.
struct tls_server_settings {
  // Who names a server (SNI, RFC 6066) is shown the first one whose names include it; who names none, or one that we do
  // not have, the first of all. Several that fit, one with an RSA and one with an ECDSA key, stand together: what the
  // client can verify decides.
  std::vector<tls_certificate> certificates;
  client_certificates ask = client_certificates::none;  // otherwise each connection makes a full handshake
  std::string client_ca;  // authorities for clients' certificates; needed unless `ask` is none
  std::string crl;        // revoked ones (RFC 5280); empty: none are
  tls_version minimum = tls_version::v1_2;
  // Of TLS 1.2, in OpenSSL's words; empty: forward secret, authenticated ones. Broken ones are refused, and a
  // @SECLEVEL below ours does nothing.
  std::string ciphers;
};

// The client's side, of the load test.
struct tls_client_settings {
  std::string ca;               // authorities; empty: the system's
  tls_certificate certificate;  // empty: none
  std::string server_name;      // SNI, and the name that has to be in the certificate; empty: neither
  bool verify = true;           // false: whatever the server shows is taken
  tls_version maximum = tls_version::v1_3;
  bool alpn = true;  // asks for "mqtt"
};

// Says which file, what is wrong with it, and what would do.
struct tls_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace headgate::net
