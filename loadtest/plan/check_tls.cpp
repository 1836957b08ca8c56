#include "loadtest/plan/findings.hpp"

namespace headgate::loadtest::plan {

namespace {

// What says how TLS is spoken, by those who do not speak it.
void check_unused(const core::tls_plan& tls, const findings& found) {
  const core::tls_plan usual;
  const auto unused = [&found](bool is_given, const char* key) {
    if (is_given) found.add(key, "it is about TLS, which these clients do not speak: give --tls, or leave it out");
  };
  unused(!tls.ca.empty(), "ca");
  unused(!tls.certificate.empty(), "certificate");
  unused(!tls.key.empty(), "key");
  unused(!tls.server_name.empty(), "server_name");
  unused(tls.verifies != usual.verifies, "verify");
  unused(tls.maximum != usual.maximum, "version");
  unused(tls.resumes != usual.resumes, "resume");
}

}  // namespace

void check_tls(const core::plan& plan, const findings& found) {
  const auto& tls = plan.tls;
  if (!tls.enabled) return check_unused(tls, found);
  if (!tls.certificate.empty() && tls.key.empty())
    found.add("key", "the clients' certificate is of no use without its private key: name the key's file too");
  if (tls.certificate.empty() && !tls.key.empty())
    found.add("certificate", "a private key is of no use without the certificate it belongs to: name that file too");
  if (!tls.verifies && !tls.ca.empty())
    found.add("ca", "whatever the server shows is taken, so that no authority is asked: leave one of the two out");
}

}  // namespace headgate::loadtest::plan
