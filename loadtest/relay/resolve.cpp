#include "loadtest/relay/resolve.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "loadtest/relay/words.hpp"
#include "net/socket_address.hpp"

namespace headgate::loadtest::relay {

namespace {

constexpr std::uint64_t most_port = 65'535;
constexpr std::uint64_t no_port = most_port + 1;

std::string address_of(const std::string& host) {
  if (net::is_address(host)) return host;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    throw std::runtime_error("the address of '" + host + "' is not known: " + ::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* address = found->ai_family == AF_INET
                            ? static_cast<const void*>(&reinterpret_cast<sockaddr_in*>(found->ai_addr)->sin_addr)
                            : static_cast<const void*>(&reinterpret_cast<sockaddr_in6*>(found->ai_addr)->sin6_addr);
  ::inet_ntop(found->ai_family, address, text.data(), text.size());
  return text.data();
}

}  // namespace

endpoint resolve(const std::string& host_and_port) {
  const auto colon = host_and_port.rfind(':');
  const auto port_text = colon == std::string::npos ? std::string() : host_and_port.substr(colon + 1);
  const auto port = parse_number(port_text).value_or(no_port);
  auto host = host_and_port.substr(0, colon);
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  const bool is_bare_6 = !is_bracketed && host.find(':') != std::string::npos;
  if (port > most_port || host.empty() || is_bare_6) {
    throw std::runtime_error("'" + host_and_port +
                             "' is no address with a port; write for example 127.0.0.1:1883 or [::1]:1883");
  }
  return {address_of(host), static_cast<std::uint16_t>(port)};
}

std::string as_text(const endpoint& at) {
  const bool is_6 = at.address.find(':') != std::string::npos;
  return (is_6 ? "[" + at.address + "]" : at.address) + ":" + std::to_string(at.port);
}

}  // namespace headgate::loadtest::relay
