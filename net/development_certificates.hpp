#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "net/certificate_pair.hpp"

namespace headgate::net {

// Certificates for trying things out, and for closed networks: an authority of its own, and what it has signed. ECDSA
// P-256 keys, SHA-256, X.509 v3 (RFC 5280).

// A common name has room for so many characters (RFC 5280, A.1: ub-common-name).
inline constexpr std::size_t longest_common_name = 64;

// `days`: how long it is valid, from an hour ago. All of these throw tls_error.
certificate_pair make_authority(const std::string& common_name, std::uint32_t days);
// For a server that is reached by these names; those that are IP addresses stand there as such. At least one.
// The first is its common name as well, if there is room for it.
certificate_pair make_server_certificate(const certificate_pair& authority, const std::vector<std::string>& names,
                                         std::uint32_t days);
// For a client; its name, of 64 characters at most, is the common name, and a DNS name if it can be one.
certificate_pair make_client_certificate(const certificate_pair& authority, const std::string& name,
                                         std::uint32_t days);

}  // namespace headgate::net
