#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "net/descriptor.hpp"

// TCP sockets, non-blocking. IPv4 and IPv6 addresses as numbers; names are not resolved here.
namespace headgate::net {

// Listens with TCP_NODELAY, which the accepted sockets inherit. Port 0 picks one. An IPv6 address, also "::", takes no
// IPv4. Throws std::system_error with a sentence.
descriptor listen_tcp(const std::string& address, std::uint16_t port);
// The same, several times on one port: connections are spread over the listeners by their addresses, each for a thread
// of its own. Nobody else's listener is joined, also not one that was opened by this function, and nobody whose first
// listener asks for the port alone, as this function's does, can join these. A listener that is closed takes the
// connections with it that waited there. At least one.
std::vector<descriptor> listen_tcp(const std::string& address, std::uint16_t port, std::size_t count);
std::uint16_t local_port(int fd);
// "192.0.2.7:51324", "[2001:db8::7]:51324", also when the peer has reset the connection; "?" for a
// socket that was never connected.
std::string peer_address(int fd);
bool is_loopback(const std::string& address);

struct io_outcome {
  enum class kind : std::uint8_t { done, would_block, closed } what = kind::done;
  std::size_t size = 0;
  int error = 0;  // closed: the errno value of what broke the connection; 0: the peer closed it in good order
};
io_outcome receive(int fd, std::span<std::uint8_t> into);
// At most 1,024 parts; may take less than all of them.
io_outcome send(int fd, std::span<const base::bytes> parts);

// An accepted socket, or nothing when none waits; `*out_of_descriptors` when the limit of the process or system is
// reached.
descriptor accept(int listener, bool* out_of_descriptors);
void shut_down_writes(int fd);

}  // namespace headgate::net
