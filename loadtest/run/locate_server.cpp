#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>
#include <stdexcept>

#include "loadtest/run/doctor.hpp"

namespace headgate::loadtest::run {

namespace {

bool is_same(const sockaddr& a, const sockaddr& b) {
  if (a.sa_family != b.sa_family) return false;
  if (a.sa_family == AF_INET) {
    return reinterpret_cast<const sockaddr_in&>(a).sin_addr.s_addr ==
           reinterpret_cast<const sockaddr_in&>(b).sin_addr.s_addr;
  }
  return a.sa_family == AF_INET6 &&
         std::memcmp(&reinterpret_cast<const sockaddr_in6&>(a).sin6_addr,
                     &reinterpret_cast<const sockaddr_in6&>(b).sin6_addr, sizeof(in6_addr)) == 0;
}

// 127.0.0.0/8: of IPv6 there is one such address only.
bool has_many_neighbours(const sockaddr& address) {
  constexpr std::uint32_t loopback_network = 127;
  return address.sa_family == AF_INET &&
         ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24U == loopback_network;
}

bool is_of_this_machine(const sockaddr& address) {
  if (has_many_neighbours(address)) return true;
  ifaddrs* found = nullptr;
  if (::getifaddrs(&found) != 0) return false;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(found, ::freeifaddrs);
  for (const auto* each = found; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr != nullptr && is_same(*each->ifa_addr, address)) return true;
  }
  return false;
}

}  // namespace

void locate_server(wanted_load& load) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(load.host.c_str(), nullptr, &hints, &found);
  if (error != 0) throw std::runtime_error("cannot find " + load.host + ": " + ::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, ::freeaddrinfo);
  load.is_loopback = has_many_neighbours(*all->ai_addr);
  load.is_local = is_of_this_machine(*all->ai_addr);
}

}  // namespace headgate::loadtest::run
