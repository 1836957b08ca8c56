#include "net/connect_tcp.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "net/socket_address.hpp"

namespace headgate::net {

namespace {

void enable(int fd, int level, int option) {
  const int on = 1;
  // Hints: a connection without them is slower or takes a port earlier, and works.
  (void)::setsockopt(fd, level, option, &on, sizeof on);
}

bool bind_source(int fd, const std::string& source) {
  // The port is chosen when the target is known, so that one source port serves many targets.
  enable(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
  const auto from = parse_address(source, 0);
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&from.storage), from.size) == 0;
}

}  // namespace

connect_outcome connect_tcp(const connecting& how) {
  if (!is_address(how.address) || (!how.source.empty() && !is_address(how.source))) return {descriptor(), EINVAL};
  const auto to = parse_address(how.address, how.port);
  descriptor socket(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return {descriptor(), errno};
  if (how.no_delay) enable(socket.get(), IPPROTO_TCP, TCP_NODELAY);
  if (!how.source.empty() && !bind_source(socket.get(), how.source)) return {descriptor(), errno};
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to.storage), to.size) != 0 && errno != EINPROGRESS) {
    return {descriptor(), errno};
  }
  return {std::move(socket), 0};
}

int connect_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

void reset_on_close(int fd) {
  const linger reset{1, 0};
  (void)::setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

}  // namespace headgate::net
