#include "net/tls_socket.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <span>

#include "base/bytes.hpp"
#include "base/limits.hpp"
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

// What the peer began with is kept, and its hello looked at. False: it is refused.
bool look_at(tls_socket& socket, base::bytes data) {
  if (socket.first_size < socket.first.size()) remember_first(socket, data);
  if (socket.hello.take(data)) return true;
  socket.refuse(tls_abuse::long_hello);
  return false;
}

int read(BIO* bio, char* data, int size) {
  auto& socket = socket_of(bio);
  BIO_clear_retry_flags(bio);
  socket.may_hold_more = false;
  if (socket.records_since_data > base::tls_records_without_data) socket.refuse(tls_abuse::no_data);
  if (socket.abuse != tls_abuse::none) return -1;
  if (socket.allowance == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::span<std::uint8_t> into(reinterpret_cast<std::uint8_t*>(data),
                                     std::min(static_cast<std::size_t>(size), socket.allowance));
  const auto got = net::receive(socket.fd, into);
  switch (got.what) {
    case io_outcome::kind::done:
      socket.may_hold_more = got.size == into.size();
      socket.allowance -= got.size;
      if (!look_at(socket, into.first(got.size))) return -1;
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

bio_handle make_bio() {
  static BIO_METHOD* const method = make_method();
  bio_handle bio(BIO_new(method));
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_init(bio.get(), 1);
  return bio;
}

// OpenSSL tells of every record that it begins to read, and of every message of the handshake.
void on_message(int is_ours, int, int kind, const void* data, std::size_t size, SSL*, void* of) {
  auto& socket = *static_cast<tls_socket*>(of);
  if (is_ours != 0) {
    if (kind == SSL3_RT_HANDSHAKE) socket.hello.answered({static_cast<const std::uint8_t*>(data), size});
  } else if (kind == SSL3_RT_HEADER && socket.counts_records) {
    ++socket.records_since_data;
  }
}

// One for all connections of a thread: a BIO takes 230 bytes, and is used only while OpenSSL is at work.
bio_st* bio_of_thread() {
  static thread_local const bio_handle bio = make_bio();
  return bio.get();
}

}  // namespace

void tls_socket::begin_step(ssl_st* connection) {
  allowance = base::tls_read_bytes_per_step;
  BIO_set_data(SSL_get_rbio(connection), this);
}

void tls_socket::refuse(tls_abuse what) {
  if (abuse != tls_abuse::none) return;
  abuse = what;
  error = EPROTO;
}

void attach_socket(ssl_st* connection, tls_socket& socket) {
  auto* bio = bio_of_thread();
  BIO_up_ref(bio);
  SSL_set_bio(connection, bio, bio);
  SSL_set_msg_callback(connection, on_message);
  SSL_set_msg_callback_arg(connection, &socket);
}

}  // namespace headgate::net
