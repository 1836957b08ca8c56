#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace headgate::net {

struct socket_address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// An IPv4 or IPv6 address as a number. Throws std::system_error with a sentence if it is none.
socket_address parse_address(const std::string& address, std::uint16_t port);
bool is_address(const std::string& text);

}  // namespace headgate::net
