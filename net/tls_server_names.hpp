#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/tls_files.hpp"

// Internal to net/: which certificates stand for which name.
namespace headgate::net {

// A set of certificates, by their places in the order of the settings: one of each kind of key, ascending.
using certificate_set = std::vector<std::size_t>;

// "*.example.com" includes "a.example.com", and neither "a.b.example.com" nor "example.com" (RFC 6125, 6.4.3).
bool name_includes(std::string_view pattern, std::string_view name);

// For each name of a certificate, also one with a wildcard, the first certificates of each kind of key that include it.
std::unordered_map<std::string, certificate_set> sets_by_name(const std::vector<tls_identity>& identities);
// What those are shown who name no server that we have: the first certificate, and what stands beside it for the first
// of its names, or has no names either.
certificate_set default_set(const std::vector<tls_identity>& identities);

}  // namespace headgate::net
