#include "net/socket_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cerrno>
#include <optional>
#include <system_error>

namespace headgate::net {

namespace {

std::optional<socket_address> try_parse(const std::string& address, std::uint16_t port) {
  socket_address parsed;
  auto& v4 = reinterpret_cast<sockaddr_in&>(parsed.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(parsed.storage);
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    parsed.size = sizeof v4;
  } else if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    parsed.size = sizeof v6;
  } else {
    return std::nullopt;
  }
  return parsed;
}

}  // namespace

socket_address parse_address(const std::string& address, std::uint16_t port) {
  if (auto parsed = try_parse(address, port)) return *parsed;
  throw std::system_error(EINVAL, std::system_category(), "'" + address + "' is not an IPv4 or IPv6 address");
}

bool is_address(const std::string& text) {
  return try_parse(text, 0).has_value();
}

}  // namespace headgate::net
