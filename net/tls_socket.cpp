#include "net/tls_socket.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <span>

#include "base/bytes.hpp"
#include "net/tcp.hpp"

namespace headgate::net {

namespace {

tls_socket& socket_of(BIO* bio) {
  return *static_cast<tls_socket*>(BIO_get_data(bio));
}

void remember_first(tls_socket& socket, base::bytes data) {
  const auto size = std::min(data.size(), socket.first.size() - socket.first_size);
  std::copy_n(data.begin(), size, socket.first.begin() + socket.first_size);
  socket.first_size = static_cast<std::uint8_t>(socket.first_size + size);
}

int read(BIO* bio, char* data, int size) {
  auto& socket = socket_of(bio);
  BIO_clear_retry_flags(bio);
  socket.may_hold_more = false;
  const std::span<std::uint8_t> into(reinterpret_cast<std::uint8_t*>(data), static_cast<std::size_t>(size));
  const auto got = net::receive(socket.fd, into);
  switch (got.what) {
    case io_outcome::kind::done:
      socket.may_hold_more = got.size == into.size();
      if (socket.first_size < socket.first.size()) remember_first(socket, into.first(got.size));
      return static_cast<int>(got.size);
    case io_outcome::kind::would_block:
      BIO_set_retry_read(bio);
      return -1;
    case io_outcome::kind::closed:
      socket.error = got.error;
      socket.ended = got.error == 0;
      break;
  }
  return socket.ended ? 0 : -1;
}

int write(BIO* bio, const char* data, int size) {
  auto& socket = socket_of(bio);
  BIO_clear_retry_flags(bio);
  const std::array<base::bytes, 1> part{
      base::bytes(reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size))};
  const auto sent = net::send(socket.fd, part);
  switch (sent.what) {
    case io_outcome::kind::done:
      return static_cast<int>(sent.size);
    case io_outcome::kind::would_block:
      BIO_set_retry_write(bio);
      return -1;
    case io_outcome::kind::closed:
      socket.error = sent.error;
      break;
  }
  return -1;
}

// Nothing is held back, so a flush has nothing to do. The end of the stream is not told in this way (BIO_CTRL_EOF):
// OpenSSL would answer it with an alert that nobody reads.
long control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_method() {
  auto* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "headgate socket");
  if (method == nullptr) throw std::bad_alloc();
  BIO_meth_set_read(method, read);
  BIO_meth_set_write(method, write);
  BIO_meth_set_ctrl(method, control);
  return method;
}

}  // namespace

void attach_socket(ssl_st* connection, tls_socket& socket) {
  static BIO_METHOD* const method = make_method();
  auto* bio = BIO_new(method);
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, &socket);
  BIO_set_init(bio, 1);
  SSL_set_bio(connection, bio, bio);
}

}  // namespace headgate::net
