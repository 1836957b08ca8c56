#include <openssl/x509_vfy.h>

#include "net/tls_failure.hpp"

namespace headgate::net {

namespace {

std::string reason_of(long result) {
  return std::string(" (") + X509_verify_cert_error_string(result) + ")";
}

std::string of_clients_certificate(long result) {
  switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "the client's certificate, or that of an authority above it, has expired: give it a new one";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "the client's certificate is not valid yet: look at the clock of this machine and of the authority's";
    case X509_V_ERR_CERT_REVOKED:
      return "the client's certificate is revoked (the listener's crl): give it a new one, or let nobody use it";
    case X509_V_ERR_UNABLE_TO_GET_CRL:
      return "no list of revoked certificates is there of the authority that signed the client's certificate: add it "
             "to "
             "the listener's crl";
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID:
      return "the list of revoked certificates is out of date, so that no certificate of its authority is taken: get a "
             "new one and reload";
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
      return "the list of revoked certificates is not signed by the authority in the listener's client_ca: get it from "
             "there";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "the client's certificate is not signed by an authority in the listener's client_ca" + reason_of(result) +
             ": give it one that is, with intermediate ones behind it, or add its authority there";
    case X509_V_ERR_INVALID_PURPOSE:
      return "the client's certificate is not made for clients" + reason_of(result) +
             ": its extended key usage has to include clientAuth";
    default:
      return "the client's certificate was refused" + reason_of(result) + ": give it a new one";
  }
}

std::string of_servers_certificate(long result) {
  switch (result) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "the server's certificate is for another name: connect to a name that is in it, or name it as the "
             "server's";
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "the server's certificate has expired: let the server have a new one";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "the server's certificate is not valid yet: look at this machine's clock";
    default:
      return "the server's certificate is not trusted" + reason_of(result) +
             ": name the file of the authority that signed it";
  }
}

}  // namespace

std::string describe_verification(bool by_server, long result) {
  return by_server ? of_clients_certificate(result) : of_servers_certificate(result);
}

}  // namespace headgate::net
