#pragma once

#include <string>

#include "net/tls_socket.hpp"

// Internal to net/: why a TLS connection failed, in plain words.
namespace headgate::net {

// Right after a call of OpenSSL returned `ssl_error` (SSL_get_error), with its queue of errors as it was left.
struct failed_call {
  bool by_server = false;  // our role
  bool in_handshake = false;
  int ssl_error = 0;
};
// What happened, then what would do: for one log line.
std::string describe_failure(const failed_call& call, const ssl_st* connection, const tls_socket& socket);

// Of a peer's certificate that was not accepted: X509_V_ERR_….
std::string describe_verification(bool by_server, long result);

}  // namespace headgate::net
