#include "net/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "net/socket_address.hpp"
#include "net/tls_certificate.hpp"
#include "net/tls_context_state.hpp"
#include "net/tls_failure.hpp"
#include "net/tls_stream_state.hpp"

namespace headgate::net {

namespace {

void name_server(SSL* connection, const std::string& name, bool verify) {
  if (name.empty()) return;
  if (is_address(name)) {  // never in SNI (RFC 6066, 3)
    if (verify) X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), name.c_str());
    return;
  }
  SSL_set_tlsext_host_name(connection, name.c_str());
  if (verify) SSL_set1_host(connection, name.c_str());
}

}  // namespace

tls_stream::tls_stream(const std::shared_ptr<const tls_context>& context, int fd) : state_(std::make_unique<state>()) {
  const auto& shared = *context->state_;
  state_->context = context;
  state_->is_server = shared.is_server;
  state_->socket.fd = fd;
  state_->connection.reset(SSL_new(shared.contexts.front().get()));
  auto* connection = state_->connection.get();
  if (connection == nullptr) throw std::bad_alloc();
  attach_socket(connection, state_->socket);
  if (shared.is_server) {
    SSL_set_accept_state(connection);
  } else {
    state_->socket.hello.stop();
    SSL_set_connect_state(connection);
    name_server(connection, shared.server_name, shared.verify);
  }
}

tls_stream::~tls_stream() = default;
tls_stream::tls_stream(tls_stream&&) noexcept = default;
tls_stream& tls_stream::operator=(tls_stream&&) noexcept = default;

void tls_stream::state::fail(int ssl_error) {
  if (failed) return;
  failed = true;
  failure = describe_failure({is_server, !established, ssl_error}, connection.get(), socket);
  ERR_clear_error();
}

tls_stream::step tls_stream::shake_hands() {
  auto& state = *state_;
  if (state.established) return step::done;
  if (state.failed) return step::failed;
  ERR_clear_error();
  state.socket.begin_step(state.connection.get());
  const int result = SSL_do_handshake(state.connection.get());
  if (result == 1) {
    state.established = true;
    state.socket.counts_records = true;
    return step::done;
  }
  const int error = SSL_get_error(state.connection.get(), result);
  if (error == SSL_ERROR_WANT_READ) return step::wants_read;
  if (error == SSL_ERROR_WANT_WRITE) return step::wants_write;
  state.fail(error);
  return step::failed;
}

bool tls_stream::is_established() const {
  return state_->established;
}

io_outcome tls_stream::state::outcome_of(int ssl_error) {
  switch (ssl_error) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {io_outcome::kind::would_block, 0, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {io_outcome::kind::closed, 0, 0};
    default:
      fail(ssl_error);
      return end();
  }
}

// Many end without close_notify. MQTT tells a whole packet from half of one.
io_outcome tls_stream::state::end() const {
  return {io_outcome::kind::closed, 0, socket.error != 0 || socket.ended ? socket.error : EPROTO};
}

bool tls_stream::has_heard() const {
  return state_->socket.first_size > 0;
}

// To take a ticket OpenSSL allocates what it would answer with, and keeps that until the next write. Never in the
// middle of a record: versions before 3.0.14 then free what they still use (CVE-2024-4741).
void tls_stream::state::release_idle_buffers() {
  if (is_server || std::strcmp(SSL_rstate_string(connection.get()), "RH") != 0) return;
  SSL_free_buffers(connection.get());
}

void tls_stream::state::count_data() {
  if (socket.records_since_data == 0) return;  // the rest of a record
  const auto without_data = std::exchange(socket.records_since_data, 0) - 1;
  records_without_data += without_data;
  if (without_data <= base::tls_records_without_data) return;
  socket.refuse(tls_abuse::no_data);
  fail(SSL_ERROR_SYSCALL);
}

// Goes on as long as a record is here already, or the socket seems to hold more: no call of the system to hear that
// nothing is there.
io_outcome tls_stream::receive(std::span<std::uint8_t> into) {
  auto& state = *state_;
  HEADGATE_ASSERT(state.established && !into.empty());
  state.records_without_data = 0;
  if (state.failed) return state.end();
  auto* connection = state.connection.get();
  state.receive_wants_write = false;
  state.drained = false;
  state.socket.begin_step(connection);
  std::size_t taken = 0;
  while (taken < into.size()) {
    std::size_t got = 0;
    ERR_clear_error();
    if (SSL_read_ex(connection, into.data() + taken, into.size() - taken, &got) != 1) {
      const int error = SSL_get_error(connection, 0);
      const auto outcome = state.outcome_of(error);
      state.receive_wants_write = error == SSL_ERROR_WANT_WRITE;
      state.drained = true;
      if (outcome.what == io_outcome::kind::would_block) state.release_idle_buffers();
      state.records_without_data += state.socket.records_since_data;
      // What came before the end is handed over first; the end is told again.
      if (taken > 0) break;
      return outcome;
    }
    taken += got;
    state.count_data();
    if (state.failed || state.records_without_data > base::tls_records_without_data) break;
    if (SSL_has_pending(connection) == 0 && !state.socket.may_hold_more) {
      state.release_idle_buffers();
      break;
    }
  }
  return {io_outcome::kind::done, taken, 0};
}

std::size_t tls_stream::receive_cost() const {
  return state_->records_without_data * base::tls_record_cost_bytes;
}

bool tls_stream::has_more() const {
  const auto& state = *state_;
  if (!state.established) return false;
  // An end that was heard behind other bytes is still to be told.
  if (state.failed || (SSL_get_shutdown(state.connection.get()) & SSL_RECEIVED_SHUTDOWN) != 0) return true;
  return (!state.drained && SSL_has_pending(state.connection.get()) != 0);
}

bool tls_stream::receive_wants_write() const {
  return state_->receive_wants_write;
}

namespace {

// Parts one behind the other, in pieces as large as a record can be.
class gathering {
 public:
  explicit gathering(std::span<const base::bytes> parts) : parts_(parts) {}

  // Copies the next piece; returns its size, 0 at the end.
  std::size_t next(std::span<std::uint8_t> into) {
    std::size_t size = 0;
    while (!parts_.empty() && size < into.size()) {
      const auto rest = parts_.front().subspan(done_of_first_);
      const auto fits = rest.first(std::min(rest.size(), into.size() - size));
      std::copy(fits.begin(), fits.end(), into.begin() + static_cast<std::ptrdiff_t>(size));
      size += fits.size();
      done_of_first_ += fits.size();
      if (fits.size() < rest.size()) break;
      parts_ = parts_.subspan(1);
      done_of_first_ = 0;
    }
    return size;
  }

 private:
  std::span<const base::bytes> parts_;
  std::size_t done_of_first_ = 0;
};

}  // namespace

// A record that the socket did not take whole stays in OpenSSL, which wants the same bytes again: they are not longer
// than the first piece of the next call.
io_outcome tls_stream::send(std::span<const base::bytes> parts) {
  static_assert(longest_record == SSL3_RT_MAX_PLAIN_LENGTH);
  static thread_local std::array<std::uint8_t, longest_record> scratch;  // holds nothing between two calls
  auto& state = *state_;
  HEADGATE_ASSERT(state.established);
  if (state.failed) return state.end();
  state.socket.begin_step(state.connection.get());
  std::size_t taken = 0;
  gathering gathering(parts);
  while (const auto size = gathering.next(scratch)) {
    for (std::size_t sent = 0; sent < size;) {
      std::size_t now = 0;
      ERR_clear_error();
      if (SSL_write_ex(state.connection.get(), scratch.data() + sent, size - sent, &now) != 1) {
        const auto outcome = state.outcome_of(SSL_get_error(state.connection.get(), 0));
        if (outcome.what == io_outcome::kind::closed || taken == 0) return outcome;
        return {io_outcome::kind::done, taken, 0};
      }
      sent += now;
      taken += now;
    }
  }
  return {io_outcome::kind::done, taken, 0};
}

void tls_stream::shut_down() {
  if (!state_->established || state_->failed) return;
  ERR_clear_error();
  state_->socket.begin_step(state_->connection.get());
  SSL_shutdown(state_->connection.get());
  ERR_clear_error();
}

std::string tls_stream::failure() const {
  return state_->failure;
}

std::string_view tls_stream::version() const {
  return SSL_get_version(state_->connection.get());
}

bool tls_stream::was_resumed() const {
  return SSL_session_reused(state_->connection.get()) == 1;
}

namespace {

const X509* verified_certificate(const SSL* connection) {
  return SSL_get_verify_result(connection) == X509_V_OK ? SSL_get0_peer_certificate(connection) : nullptr;
}

}  // namespace

bool tls_stream::peer_has_certificate() const {
  return verified_certificate(state_->connection.get()) != nullptr;
}

std::string tls_stream::peer_common_name() const {
  const auto* certificate = verified_certificate(state_->connection.get());
  return certificate != nullptr ? common_name(certificate) : std::string();
}

std::string tls_stream::peer_alternative_name() const {
  const auto* certificate = verified_certificate(state_->connection.get());
  return certificate != nullptr ? alternative_name(certificate) : std::string();
}

}  // namespace headgate::net
