#include "net/tls_session.hpp"

#include <openssl/ssl.h>

#include "net/tls_stream.hpp"
#include "net/tls_stream_state.hpp"

namespace headgate::net {

tls_session::~tls_session() {
  SSL_SESSION_free(session_);
}

void tls_stream::resume(const tls_session& session) {
  if (!session.empty()) SSL_set_session(state_->connection.get(), session.session_);
}

tls_session tls_stream::take_session() {
  auto* connection = state_->connection.get();
  if (!state_->established) return {};
  // A connection that ends without close_notify would make its session unusable, as SSL 2 wanted it. MQTT tells a whole
  // packet from half of one.
  SSL_set_shutdown(connection, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  const SSL_SESSION* session = SSL_get0_session(connection);
  if (session == nullptr || SSL_SESSION_is_resumable(session) != 1) return {};
  return tls_session(SSL_get1_session(connection));
}

}  // namespace headgate::net
