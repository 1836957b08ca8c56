#pragma once

#include <cstdint>
#include <string>

namespace headgate::loadtest::relay {

struct endpoint {
  std::string address;  // as a number
  std::uint16_t port = 0;
};

// "127.0.0.1:1883", "[::1]:1883", "localhost:1883": names are looked up, the first IPv4 or IPv6 address wins. Throws
// std::runtime_error with a sentence. May block for as long as a look-up takes.
endpoint resolve(const std::string& host_and_port);
// "127.0.0.1:1883", "[::1]:1883"
std::string as_text(const endpoint& at);

}  // namespace headgate::loadtest::relay
