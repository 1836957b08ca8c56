#include "net/tls_handles.hpp"

#include <openssl/ssl.h>

namespace headgate::net {

void openssl_deleter::operator()(bio_st* bio) const {
  BIO_free(bio);
}

void openssl_deleter::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

void openssl_deleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

void openssl_deleter::operator()(ssl_st* connection) const {
  SSL_free(connection);
}

void openssl_deleter::operator()(x509_st* certificate) const {
  X509_free(certificate);
}

}  // namespace headgate::net
