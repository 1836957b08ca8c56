#include "net/tls_policy.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <new>
#include <string_view>

#include "base/bytes.hpp"

namespace headgate::net {

namespace {

// Of TLS 1.2: forward secret and authenticated, AES-128 first since it is enough and the cheapest.
constexpr const char* default_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

// RSA of 2,048 bits or P-256, and no SHA-1, whatever the system's configuration says.
constexpr int security_level = 2;

// As RFC 7301 writes a list: each name behind its length.
constexpr std::string_view mqtt_protocol = "\x04mqtt";

constexpr std::string_view session_id_context = "headgate";

int version_number(tls_version version) {
  return version == tls_version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

context_handle make_context(const SSL_METHOD* method) {
  ERR_clear_error();
  context_handle context(SSL_CTX_new(method));
  if (!context) throw std::bad_alloc();
  SSL_CTX_set_security_level(context.get(), security_level);
  // No buffers while nothing is under way. What is sent again may stand elsewhere by then.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
  // One read of the socket for a record's header, its body, and the records behind it.
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  for (base::bytes rest{offered, offered_size}; !rest.empty();) {
    const std::size_t size = rest[0];
    if (size >= rest.size()) break;
    if (base::as_text(rest.first(size + 1)) == mqtt_protocol) {
      *chosen = rest.data() + 1;
      *chosen_size = rest[0];
      return SSL_TLSEXT_ERR_OK;
    }
    rest = rest.subspan(size + 1);
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void set_ciphers(ssl_ctx_st* context, const std::string& ciphers) {
  if (SSL_CTX_set_cipher_list(context, ciphers.empty() ? default_ciphers : ciphers.c_str()) == 1) return;
  ERR_clear_error();
  throw tls_error("none of the ciphers '" + ciphers +
                  "' exists: use names as 'openssl ciphers' lists them, such as ECDHE-ECDSA-AES128-GCM-SHA256, with "
                  "colons between, or leave them out");
}

}  // namespace

context_handle make_server_context(const tls_server_settings& settings) {
  auto context = make_context(TLS_server_method());
  SSL_CTX_set_min_proto_version(context.get(), version_number(settings.minimum));
  SSL_CTX_set_max_proto_version(context.get(), 0);
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  set_ciphers(context.get(), settings.ciphers);
  // The client keeps its session: nothing of it stays here. One ticket is enough for one connection at a time.
  SSL_CTX_set_num_tickets(context.get(), 1);
  SSL_CTX_set_session_id_context(context.get(), base::as_bytes(session_id_context).data(), session_id_context.size());
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  switch (settings.ask) {
    case client_certificates::none:
      break;
    case client_certificates::optional:
      SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
      break;
    case client_certificates::required:
      SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
      break;
  }
  return context;
}

context_handle make_client_context(const tls_client_settings& settings) {
  auto context = make_context(TLS_client_method());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), version_number(settings.maximum));
  SSL_CTX_set_verify(context.get(), settings.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  const auto protocol = base::as_bytes(mqtt_protocol);
  if (settings.alpn) {
    SSL_CTX_set_alpn_protos(context.get(), protocol.data(), static_cast<unsigned>(protocol.size()));
  }
  return context;
}

}  // namespace headgate::net
