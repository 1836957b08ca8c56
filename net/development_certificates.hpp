#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace headgate::net {

// Certificates for trying things out, and for closed networks: an authority of its own, and what it has signed. ECDSA
// P-256 keys, SHA-256, X.509 v3 (RFC 5280). Each is a pair of PEM texts.
struct certificate_pair {
  std::string certificate;
  std::string key;  // PKCS #8, not encrypted
};

// `days`: how long it is valid, from an hour ago. All of these throw tls_error.
certificate_pair make_authority(const std::string& common_name, std::uint32_t days);
// For a server that is reached by these names; those that are IP addresses stand there as such. At least one.
certificate_pair make_server_certificate(const certificate_pair& authority, const std::vector<std::string>& names,
                                         std::uint32_t days);
// For a client; its name is the common name, and a DNS name if it can be one.
certificate_pair make_client_certificate(const certificate_pair& authority, const std::string& name,
                                         std::uint32_t days);

}  // namespace headgate::net
