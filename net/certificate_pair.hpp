#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace headgate::net {

// A certificate and its key, each as PEM.
struct certificate_pair {
  std::string certificate;
  std::string key;  // PKCS #8, not encrypted
};

// What is wrong with a pair, if anything: its certificate or key cannot be read, or the key is another's.
enum class pair_fault : std::uint8_t { none, certificate, key, mismatch };

struct pair_facts {
  pair_fault fault = pair_fault::none;
  // All that follows is of the certificate, if that can be read. Seconds since 1970, and for people.
  std::int64_t ends_s = 0;
  std::string ends{};                // "Nov 26 08:00:00 2026 GMT"
  std::vector<std::string> names{};  // DNS names and addresses of a server; else its common name
};

pair_facts facts_of(const certificate_pair& pair);

// Whether the authority's key has signed the certificate. False: it has not, or one of the two cannot be read.
bool has_signed(const certificate_pair& authority, const certificate_pair& issued);

}  // namespace headgate::net
