#include "admin/host_check.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <string>

namespace headgate::admin {

namespace {

namespace ip = boost::asio::ip;

bool is_port(std::string_view text) {
  return text.size() <= 5 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "[::1]:80" -> "::1"; "127.0.0.1:80" -> "127.0.0.1"; empty: neither.
std::string_view without_port(std::string_view host) {
  if (!host.empty() && host.front() == '[') {
    const auto end = host.find(']');
    if (end == std::string_view::npos) return {};
    const auto rest = host.substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return {};
    return host.substr(1, end - 1);
  }
  const auto colon = host.find(':');
  if (colon == std::string_view::npos) return host;
  return is_port(host.substr(colon + 1)) ? host.substr(0, colon) : std::string_view{};
}

bool is_localhost(std::string_view name) {
  constexpr std::string_view localhost = "localhost";
  return std::equal(name.begin(), name.end(), localhost.begin(), localhost.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

}  // namespace

bool is_own_host(std::string_view host, std::string_view bind) {
  const auto name = without_port(host);
  if (is_localhost(name)) return true;
  boost::system::error_code error;
  const auto address = ip::make_address(std::string(name), error);
  if (error) return false;
  if (address.is_loopback()) return true;
  const auto own = ip::make_address(std::string(bind), error);
  return !error && (own.is_unspecified() || own == address);
}

}  // namespace headgate::admin
