#include "net/tls_handles.hpp"

#include <openssl/ssl.h>

namespace headgate::net::tls {

void freeing::operator()(bio_st* bio) const {
  BIO_free(bio);
}

void freeing::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

void freeing::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

void freeing::operator()(ssl_st* connection) const {
  SSL_free(connection);
}

void freeing::operator()(x509_st* certificate) const {
  X509_free(certificate);
}

}  // namespace headgate::net::tls
