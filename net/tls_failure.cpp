#include "net/tls_failure.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <cstring>
#include <string_view>

#include "base/bytes.hpp"
#include "base/limits.hpp"

namespace headgate::net {

namespace {

constexpr std::uint8_t handshake_record = 0x16;
constexpr std::uint8_t mqtt_connect = 0x10;

// What a client that knows nothing of TLS began with; empty: it may be TLS.
std::string plain_beginning(const tls_socket& socket) {
  const auto text = base::as_text({socket.first.data(), socket.first_size});
  if (text.empty() || socket.first[0] == handshake_record) return {};
  if (socket.first[0] == mqtt_connect) {
    return "it speaks MQTT without TLS on a listener that speaks TLS: let it use TLS, or a listener without";
  }
  for (const auto* method : {"GET ", "POST", "HEAD", "PUT ", "OPTI", "CONN", "DELE"}) {
    if (!text.starts_with(method)) continue;
    return "it speaks HTTP to an MQTT listener with TLS: look at what connects to this port, or at its port number";
  }
  if (text.starts_with("PROXY ") || text.starts_with("\r\n\r\n")) {
    return "a PROXY protocol header came before TLS, which is not understood here: switch it off at the load balancer";
  }
  return "what it sends is not TLS: look at what connects to this port";
}

std::string version_text(int version) {
  switch (version) {
    case SSL3_VERSION:
      return "SSL 3.0";
    case TLS1_VERSION:
      return "TLS 1.0";
    case TLS1_1_VERSION:
      return "TLS 1.1";
    case TLS1_2_VERSION:
      return "TLS 1.2";
    case TLS1_3_VERSION:
      return "TLS 1.3";
    default:
      return "a version that is not known here";
  }
}

std::string no_common_version(bool by_server, const ssl_st* connection) {
  if (!by_server) return "the server speaks no version of TLS from 1.2 on: let it have a newer one";
  auto* least = const_cast<ssl_st*>(connection);
  return "the client speaks " + version_text(SSL_client_version(connection)) + " at most, and this listener " +
         version_text(static_cast<int>(SSL_get_min_proto_version(least))) +
         " or newer: update its TLS library, or look at the listener's least version";
}

// An alert is the last that the peer says.
std::string describe_alert(bool by_server, int alert) {
  std::string name = SSL_alert_desc_string_long(alert);
  for (auto& letter : name) letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  const std::string peer = by_server ? "the client" : "the server";
  const auto told = " (alert " + name + ")";
  switch (alert) {
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
      return peer + " does not trust our certificate" + told +
             (by_server ? ": give it the certificate of the authority that signed ours, and let it connect to a name "
                          "that is in ours"
                        : ": use one that the server's authority has signed");
    case SSL_AD_CERTIFICATE_EXPIRED:
      return peer + " finds our certificate out of date" + told + ": look at its clock, and at our certificate";
    case SSL_AD_CERTIFICATE_REVOKED:
      return peer + " finds our certificate revoked" + told + ": get a new one";
    case SSL_AD_CERTIFICATE_REQUIRED:
      return peer + " asks for a certificate" + told + ": name one and its key";
    case SSL_AD_NO_APPLICATION_PROTOCOL:
      return peer + " knows none of the protocols that we named" + told + ": look at what listens on that port";
    case SSL_AD_PROTOCOL_VERSION:
      return peer + " does not speak our version of TLS" + told + ": update it, or look at the versions allowed";
    case SSL_AD_HANDSHAKE_FAILURE:
    case SSL_AD_INSUFFICIENT_SECURITY:
      return peer + " found no cipher, key or signature in common" + told +
             (by_server ? ": update its TLS library, or look at the listener's ciphers and certificate"
                        : ": look at the server's versions and ciphers, and whether it asks for a certificate");
    case SSL_AD_NO_RENEGOTIATION:
      return peer + " does not take new handshakes within a connection" + told;
    case SSL_AD_USER_CANCELLED:
      return peer + " gave up" + told;
    default:
      return peer + " ended the connection" + told + ": look at its own log";
  }
}

std::string describe_ours(bool by_server, const ssl_st* connection, int reason) {
  const std::string peer = by_server ? "the client" : "the server";
  switch (reason) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return describe_verification(by_server, SSL_get_verify_result(connection));
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "the client has shown no certificate, and this listener asks for one: give it a certificate and its key, "
             "signed by an authority in the listener's client_ca";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_WRONG_SSL_VERSION:
      return no_common_version(by_server, connection);
    case SSL_R_INAPPROPRIATE_FALLBACK:
      return "the client tried an older version of TLS than it speaks: something between disturbs its first try";
    case SSL_R_NO_SHARED_CIPHER:
      return "no cipher is common to the client and this listener: update its TLS library, or look at the listener's "
             "ciphers, and whether the client can verify the kind of key (RSA or ECDSA) that the certificate has";
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_GROUPS:
      return "no elliptic curve is common to the client and this listener: let it have P-256 or X25519";
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
      return "the client can verify no signature that our certificate's key makes: update its TLS library, or add a "
             "certificate with another kind of key (RSA or ECDSA)";
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return "the client asks for other protocols than mqtt (ALPN): let it name mqtt, or none";
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_ENCRYPTED_LENGTH_TOO_LONG:
    case SSL_R_DATA_LENGTH_TOO_LONG:
    case SSL_R_EXCESSIVE_MESSAGE_SIZE:
      return peer +
             " has sent a record or message that is longer than TLS allows: look at what it is, and at its TLS "
             "library";
    case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
      return "what came from " + peer +
             " was changed on its way, or encrypted with other keys: look at what stands "
             "between";
    case SSL_R_BAD_SIGNATURE:
    case SSL_R_DIGEST_CHECK_FAILED:
      return peer + "'s signature is wrong: its key does not belong to its certificate; give it the right one";
    default: {
      const char* text = ERR_reason_error_string(ERR_PACK(ERR_LIB_SSL, 0, reason));
      return "what " + peer + " sends is not TLS as the standard has it (" + (text != nullptr ? text : "no reason") +
             "): update its TLS library, or look at what connects to this port";
    }
  }
}

// An alert is a byte.
constexpr int last_alert = 255;

// What TLS says of it, rather than what the ciphers below it say.
unsigned long first_error() {
  const auto first = ERR_peek_error();
  while (const auto error = ERR_get_error()) {
    if (ERR_GET_LIB(error) == ERR_LIB_SSL) return error;
  }
  return first;
}

std::string describe_abuse(const failed_call& call, tls_abuse what) {
  const std::string peer = call.by_server ? "the client" : "the server";
  if (what == tls_abuse::long_hello) {
    return "its ClientHello is to be longer than the " + std::to_string(base::tls_hello_bytes) +
           " bytes that are taken: look at what connects to this port";
  }
  return peer + " sent more than " + std::to_string(base::tls_records_without_data) +
         " records in a row without data (key updates, new handshakes), which only cost time: update its TLS library, "
         "or look at what it is";
}

std::string describe_end(const failed_call& call, const tls_socket& socket) {
  const std::string peer = call.by_server ? "the client" : "the server";
  const std::string when = call.in_handshake ? " in the middle of the handshake" : "";
  if (socket.error != 0) return "the connection broke" + when + ": " + std::strerror(socket.error);
  if (!call.in_handshake) return peer + " closed the connection";
  if (socket.first_size == 0) return peer + " closed the connection before the handshake began";
  return peer + " closed the connection" + when +
         (call.by_server ? ": look at its own log; often it does not trust our "
                           "certificate and does not say so"
                         : ": look at its log");
}

}  // namespace

std::string describe_failure(const failed_call& call, const ssl_st* connection, const tls_socket& socket) {
  if (socket.abuse != tls_abuse::none) return describe_abuse(call, socket.abuse);
  if (call.by_server && call.in_handshake) {
    auto plain = plain_beginning(socket);
    if (!plain.empty()) return plain;
  }
  if (call.ssl_error == SSL_ERROR_SYSCALL || socket.error != 0) return describe_end(call, socket);
  const auto error = first_error();
  const int reason = ERR_GET_REASON(error);
  // That is how OpenSSL tells of the peer's alerts; reasons that it has for all of its parts are numbers far above.
  if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET &&
      reason <= SSL_AD_REASON_OFFSET + last_alert) {
    return describe_alert(call.by_server, reason - SSL_AD_REASON_OFFSET);
  }
  if (ERR_GET_LIB(error) == ERR_LIB_SSL) return describe_ours(call.by_server, connection, reason);
  const char* text = ERR_reason_error_string(error);
  return std::string("TLS failed (") + (text != nullptr ? text : "no reason is known") + ")";
}

}  // namespace headgate::net
