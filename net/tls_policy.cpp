#include "net/tls_policy.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

#include "base/bytes.hpp"
#include "base/limits.hpp"

namespace headgate::net {

namespace {

// Of TLS 1.2: forward secret and authenticated, AES-128 first since it is enough and the cheapest.
constexpr const char* default_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

// RSA of 2,048 bits or P-256, and no SHA-1, whatever the system's configuration says.
constexpr int security_level = 2;
constexpr int least_key_bits = 128;

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

// What makes a suite worthless (RFC 9325, 4.1); null: nothing.
const char* weakness_of(const SSL_CIPHER* suite) {
  if (SSL_CIPHER_get_auth_nid(suite) == NID_auth_null) return "authenticates nobody";
  switch (SSL_CIPHER_get_cipher_nid(suite)) {
    case NID_undef:
      return "encrypts nothing";
    case NID_rc4:
    case NID_rc2_cbc:
    case NID_des_cbc:
    case NID_des_ede3_cbc:
    case NID_idea_cbc:
      return "has a cipher that is broken";
    default:
      break;
  }
  if (SSL_CIPHER_get_digest_nid(suite) == NID_md5) return "relies on MD5, which is broken";
  return SSL_CIPHER_get_bits(suite, nullptr) < least_key_bits ? "has a key that is too short" : nullptr;
}

bool is_forward_secret(const SSL_CIPHER* suite) {
  const int exchange = SSL_CIPHER_get_kx_nid(suite);
  return exchange != NID_kx_rsa && exchange != NID_kx_psk && exchange != NID_kx_rsa_psk;
}

// Of the suites that the context has. Those of TLS 1.3 are all sound.
void check_ciphers(ssl_ctx_st* context, const std::string& ciphers, std::vector<std::string>& warnings) {
  const auto* suites = SSL_CTX_get_ciphers(context);
  std::string not_forward_secret;
  for (int n = 0; n < sk_SSL_CIPHER_num(suites); ++n) {
    const auto* suite = sk_SSL_CIPHER_value(suites, n);
    const std::string name = SSL_CIPHER_get_name(suite);
    if (const auto* weakness = weakness_of(suite); weakness != nullptr) {
      throw tls_error("the ciphers '" + ciphers + "' include " + name + ", which " + weakness +
                      ": leave it out, as with !aNULL:!eNULL:!3DES:!RC4:!MD5 at the end of the list");
    }
    if (!is_forward_secret(suite)) not_forward_secret += (not_forward_secret.empty() ? "" : ", ") + name;
  }
  if (not_forward_secret.empty()) return;
  warnings.push_back("of the ciphers '" + ciphers + "' some are not forward secret (" + not_forward_secret +
                     "): who steals the key later reads what was said before; leave them out, unless old devices have "
                     "no others");
}

void set_ciphers(ssl_ctx_st* context, const std::string& ciphers, std::vector<std::string>& warnings) {
  if (SSL_CTX_set_cipher_list(context, ciphers.empty() ? default_ciphers : ciphers.c_str()) != 1) {
    ERR_clear_error();
    throw tls_error("none of the ciphers '" + ciphers +
                    "' exists: use names as 'openssl ciphers' lists them, such as ECDHE-ECDSA-AES128-GCM-SHA256, with "
                    "colons between, or leave them out");
  }
  // A list may set the level, too (@SECLEVEL): higher, if it likes.
  SSL_CTX_set_security_level(context, std::max(security_level, SSL_CTX_get_security_level(context)));
  check_ciphers(context, ciphers, warnings);
}

// Each connection shows its certificate, and it is looked at: no session goes on.
void give_no_sessions(ssl_ctx_st* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
}

}  // namespace

context_handle make_server_context(const tls_server_settings& settings, std::vector<std::string>& warnings) {
  auto context = make_context(TLS_server_method());
  SSL_CTX_set_min_proto_version(context.get(), version_number(settings.minimum));
  SSL_CTX_set_max_proto_version(context.get(), 0);
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  set_ciphers(context.get(), settings.ciphers, warnings);
  SSL_CTX_set_max_cert_list(context.get(), base::tls_certificate_bytes);
  // The client keeps its session: nothing of it stays here. One ticket is enough for one connection at a time.
  SSL_CTX_set_num_tickets(context.get(), 1);
  SSL_CTX_set_session_id_context(context.get(), base::as_bytes(session_id_context).data(), session_id_context.size());
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  if (settings.ask != client_certificates::none) give_no_sessions(context.get());
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
