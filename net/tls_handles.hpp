#pragma once

#include <memory>

// OpenSSL's objects by the tags that its own headers give them, so that those headers stay in the sources.
struct bio_st;
struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_st;

// Internal to net/: who owns an object of OpenSSL frees it.
namespace headgate::net {

struct openssl_deleter {
  void operator()(bio_st* bio) const;
  void operator()(evp_pkey_st* key) const;
  void operator()(ssl_ctx_st* context) const;
  void operator()(ssl_st* connection) const;
  void operator()(x509_st* certificate) const;
};

using bio_handle = std::unique_ptr<bio_st, openssl_deleter>;
using key_handle = std::unique_ptr<evp_pkey_st, openssl_deleter>;
using context_handle = std::unique_ptr<ssl_ctx_st, openssl_deleter>;
using connection_handle = std::unique_ptr<ssl_st, openssl_deleter>;
using certificate_handle = std::unique_ptr<x509_st, openssl_deleter>;

}  // namespace headgate::net
