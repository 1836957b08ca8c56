#include "net/tcp.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/assert.hpp"
#include "net/socket_address.hpp"

namespace headgate::net {

namespace {

constexpr std::size_t max_parts = 1024;  // IOV_MAX of Linux
constexpr int accept_backlog = 4096;     // the kernel lowers it to net.core.somaxconn

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::system_category(), what);
}

void enable(int fd, int level, int option) {
  const int on = 1;
  if (::setsockopt(fd, level, option, &on, sizeof on) != 0) fail("setsockopt");
}

std::string format(const sockaddr_storage& storage) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return std::string(text.data()) + ":" + std::to_string(ntohs(v4.sin_port));
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
  ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  return std::string("[").append(text.data()).append("]:").append(std::to_string(ntohs(v6.sin6_port)));
}

io_outcome outcome_of(ssize_t size) {
  if (size >= 0) return {io_outcome::kind::done, static_cast<std::size_t>(size), 0};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {io_outcome::kind::would_block, 0, 0};
  return {io_outcome::kind::closed, 0, errno};
}

enum class port_use : bool { alone, shared };

descriptor open_listener(const std::string& address, std::uint16_t port, port_use use) {
  const auto parsed = parse_address(address, port);
  const auto where = address + " port " + std::to_string(port);
  descriptor socket(::socket(parsed.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) fail("cannot open a socket");
  enable(socket.get(), SOL_SOCKET, SO_REUSEADDR);
  enable(socket.get(), IPPROTO_TCP, TCP_NODELAY);
  // Each family by itself, whatever the system's default (net.ipv6.bindv6only): '::' and '0.0.0.0' can have one port.
  if (parsed.storage.ss_family == AF_INET6) enable(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  if (use == port_use::shared) enable(socket.get(), SOL_SOCKET, SO_REUSEPORT);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&parsed.storage), parsed.size) != 0 ||
      ::listen(socket.get(), accept_backlog) != 0) {
    fail("cannot listen on " + where);
  }
  return socket;
}

}  // namespace

descriptor listen_tcp(const std::string& address, std::uint16_t port) {
  return open_listener(address, port, port_use::alone);
}

// With SO_REUSEPORT from the beginning, a second server of the same user would join the first one unnoticed and take
// half of its clients. To look whether the port is free and then to bind leaves a moment in which both find it so.
// Hence the first listener takes the port alone, in one step that fails when anybody listens there, whatever his
// options; only then it lets others in. Linux admits who binds with the option when all that listen have it at that
// moment, and adds a listener without a group to the one of who joins it (reuseport_add_sock). Where a system insists
// on the option before bind, as socket(7) words it, joining fails and says so: no client is ever lost in silence.
std::vector<descriptor> listen_tcp(const std::string& address, std::uint16_t port, std::size_t count) {
  HEADGATE_ASSERT(count > 0);
  std::vector<descriptor> listeners;
  listeners.push_back(open_listener(address, port, port_use::alone));
  if (count == 1) return listeners;
  enable(listeners.front().get(), SOL_SOCKET, SO_REUSEPORT);
  const auto chosen = local_port(listeners.front().get());
  while (listeners.size() < count) listeners.push_back(open_listener(address, chosen, port_use::shared));
  return listeners;
}

std::uint16_t local_port(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) fail("getsockname");
  if (storage.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
  return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
}

// SO_PEERNAME knows the peer also after it has reset the connection, when getpeername() has forgotten it. It wants no
// more than the family has, hence the longer address first.
std::string peer_address(int fd) {
  sockaddr_storage storage{};
  for (const std::size_t family_size : {sizeof(sockaddr_in6), sizeof(sockaddr_in)}) {
    auto size = static_cast<socklen_t>(family_size);
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERNAME, &storage, &size) == 0) return format(storage);
  }
  return "?";
}

bool is_loopback(const std::string& address) {
  const auto parsed = parse_address(address, 0);
  if (parsed.storage.ss_family == AF_INET) {
    return ntohl(reinterpret_cast<const sockaddr_in&>(parsed.storage).sin_addr.s_addr) >> 24 == 127;
  }
  return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(parsed.storage).sin6_addr);
}

io_outcome receive(int fd, std::span<std::uint8_t> into) {
  const auto outcome = outcome_of(::recv(fd, into.data(), into.size(), 0));
  if (outcome.what == io_outcome::kind::done && outcome.size == 0) return {io_outcome::kind::closed, 0, 0};
  return outcome;
}

io_outcome send(int fd, std::span<const base::bytes> parts) {
  HEADGATE_ASSERT(!parts.empty() && parts.size() <= max_parts);
  if (parts.size() == 1) return outcome_of(::send(fd, parts[0].data(), parts[0].size(), MSG_NOSIGNAL));
  std::array<iovec, max_parts> vectors;
  for (std::size_t n = 0; n < parts.size(); ++n) {
    vectors[n] = {const_cast<std::uint8_t*>(parts[n].data()), parts[n].size()};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = parts.size();
  return outcome_of(::sendmsg(fd, &message, MSG_NOSIGNAL));
}

descriptor accept(int listener, bool* out_of_descriptors) {
  *out_of_descriptors = false;
  const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) *out_of_descriptors = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
  return descriptor(fd);
}

void shut_down_writes(int fd) {
  ::shutdown(fd, SHUT_WR);
}

}  // namespace headgate::net
