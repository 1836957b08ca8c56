#include "config/tls_of.hpp"

#include <algorithm>

namespace headgate::config {

std::vector<std::string> files_in(std::string_view list) {
  constexpr std::string_view blanks = " \t";
  std::vector<std::string> files;
  for (std::size_t begin = 0; begin < list.size() || !files.empty();) {
    const auto end = std::min(list.find(',', begin), list.size());
    const auto name = list.substr(begin, end - begin);
    const auto first = std::min(name.find_first_not_of(blanks), name.size());
    files.emplace_back(name.substr(first, name.find_last_not_of(blanks) + 1 - first));
    if (end == list.size()) break;
    begin = end + 1;
  }
  return files;
}

net::tls_server_settings tls_of(const listener& listener) {
  net::tls_server_settings settings;
  const auto chains = files_in(listener.certificate);
  const auto keys = files_in(listener.key);
  for (std::size_t n = 0; n < std::min(chains.size(), keys.size()); ++n)
    settings.certificates.push_back({chains[n], keys[n]});
  settings.ask = listener.client_certificate;
  settings.client_ca = listener.client_ca;
  settings.crl = listener.crl;
  settings.minimum = listener.tls_version;
  settings.ciphers = listener.tls_ciphers;
  return settings;
}

}  // namespace headgate::config
