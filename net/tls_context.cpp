#include "net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <map>
#include <utility>

#include "net/tls_context_state.hpp"
#include "net/tls_files.hpp"
#include "net/tls_policy.hpp"
#include "net/tls_server_names.hpp"

namespace headgate::net {

namespace {

void verify_clients(const tls_server_settings& settings, ssl_ctx_st* context, std::vector<validity>& validities) {
  if (settings.ask == client_certificates::none) return;
  if (settings.client_ca.empty()) {
    throw tls_error("clients' certificates are asked for, and no authority for them is named: name its file");
  }
  trust_authorities(settings.client_ca, context, told_to_peers::yes, validities);
  if (!settings.crl.empty()) refuse_revoked(settings.crl, context, validities);
}

std::int64_t now_s() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

std::optional<std::int64_t> earliest_end(const std::vector<validity>& all, std::initializer_list<validity_of> kinds) {
  std::optional<std::int64_t> earliest;
  for (const auto& one : all) {
    if (std::find(kinds.begin(), kinds.end(), one.kind) == kinds.end()) continue;
    earliest = earliest ? std::min(*earliest, one.until_s) : one.until_s;
  }
  return earliest;
}

using names = std::unordered_map<std::string, ssl_ctx_st*>;

ssl_ctx_st* context_of(const names& by_name, std::string_view server_name) {
  std::string name(server_name);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter; });
  if (const auto found = by_name.find(name); found != by_name.end()) return found->second;
  const auto dot = name.find('.');
  if (dot == std::string::npos) return nullptr;
  const auto found = by_name.find("*" + name.substr(dot));
  return found == by_name.end() ? nullptr : found->second;
}

int choose_certificates(SSL* connection, int*, void* by_name) {
  const char* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  auto* context = context_of(*static_cast<const names*>(by_name), name);
  if (context == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_SSL_CTX(connection, context);
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

tls_context::tls_context(std::unique_ptr<state> state) : state_(std::move(state)) {}
tls_context::~tls_context() = default;

std::vector<std::string> tls_context::warnings() const {
  auto all = warnings_about(state_->validities, now_s());
  all.insert(all.end(), state_->warnings.begin(), state_->warnings.end());
  return all;
}

std::optional<std::int64_t> tls_context::expires_s() const {
  return earliest_end(state_->validities, {validity_of::own, validity_of::chain});
}

std::optional<std::int64_t> tls_context::crl_expires_s() const {
  return earliest_end(state_->validities, {validity_of::revoked});
}

std::shared_ptr<const tls_context> tls_context::of_server(const tls_server_settings& settings,
                                                          const tls_context* before) {
  if (settings.certificates.empty()) throw tls_error("TLS needs a certificate: name its file and that of its key");
  auto made = std::make_unique<state>();
  made->is_server = true;
  if (settings.ask == client_certificates::none) {
    auto* used_before = before != nullptr ? before->state_->ticket_keys.get() : nullptr;
    made->ticket_keys = std::make_unique<tls_ticket_keys>(used_before);
  }
  std::vector<tls_identity> identities;
  for (const auto& files : settings.certificates) {
    identities.push_back(read_identity(files, made->validities));
  }
  // One context a set of certificates, the default's first.
  std::map<certificate_set, ssl_ctx_st*> by_set;
  const auto context_for = [&](const certificate_set& set) {
    auto& known = by_set[set];
    if (known != nullptr) return known;
    std::vector<std::string> heard_already;
    std::vector<validity> known_already;
    const bool is_first = made->contexts.empty();
    auto context = make_server_context(settings, is_first ? made->warnings : heard_already);
    for (const auto place : set) use_identity(identities[place], context.get());
    verify_clients(settings, context.get(), is_first ? made->validities : known_already);
    if (made->ticket_keys) made->ticket_keys->serve(context.get());
    known = context.get();
    made->contexts.push_back(std::move(context));
    return known;
  };
  auto* first = context_for(default_set(identities));
  for (const auto& [name, set] : sets_by_name(identities)) made->by_name.emplace(name, context_for(set));
  SSL_CTX_set_tlsext_servername_callback(first, choose_certificates);
  SSL_CTX_set_tlsext_servername_arg(first, &made->by_name);
  return std::shared_ptr<const tls_context>(new tls_context(std::move(made)));
}

std::shared_ptr<const tls_context> tls_context::of_client(const tls_client_settings& settings) {
  auto made = std::make_unique<state>();
  made->server_name = settings.server_name;
  made->verify = settings.verify;
  auto context = make_client_context(settings);
  if (!settings.ca.empty()) {
    trust_authorities(settings.ca, context.get(), told_to_peers::no, made->validities);
  } else if (settings.verify && SSL_CTX_set_default_verify_paths(context.get()) != 1) {
    ERR_clear_error();
    throw tls_error(
        "cannot read the system's authorities: name a file with those that signed the server's certificate");
  }
  if (!settings.certificate.chain.empty()) {
    use_identity(read_identity(settings.certificate, made->validities), context.get());
  }
  made->contexts.push_back(std::move(context));
  return std::shared_ptr<const tls_context>(new tls_context(std::move(made)));
}

}  // namespace headgate::net
