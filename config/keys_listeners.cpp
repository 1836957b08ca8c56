#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include "config/field.hpp"
#include "config/sections.hpp"
#include "config/tls_of.hpp"
#include "net/tcp.hpp"

namespace headgate::config {

namespace {

constexpr std::size_t max_listeners = 64;
constexpr range ports = {0, 65'535};

bool is_address(const std::string& text) {
  try {
    (void)net::is_loopback(text);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

bool is_list(const std::string& text) {
  return std::ranges::none_of(files_in(text), &std::string::empty);
}

bool is_any(const std::string&) {
  return true;
}

constexpr auto a_file = "the path of a PEM file, or nothing";
constexpr auto files = "the paths of PEM files, with commas between, or nothing";

// Of listeners with TLS.
std::vector<field<listener>> tls_fields() {
  using net::client_certificates;
  using net::tls_version;
  return {
      text("certificate", &listener::certificate, is_list, files, changes::at_reload,
           "The server's certificate, with those of intermediate authorities behind it; several (an RSA and an ECDSA "
           "one, or of several names) are chosen by what the client can verify and the name that it asks for"),
      text("key", &listener::key, is_list, files, changes::at_reload,
           "The private key of the certificate; of several the n-th is that of the n-th certificate"),
      choice("client_certificate", &listener::client_certificate,
             {{"none", client_certificates::none},
              {"optional", client_certificates::optional},
              {"required", client_certificates::required}},
             changes::at_restart,
             "Whether clients are asked for a certificate; one that is shown is verified, also where it is optional"),
      text("client_ca", &listener::client_ca, is_any, a_file, changes::at_reload,
           "Authorities that clients' certificates have to come from"),
      text("crl", &listener::crl, is_any, a_file, changes::at_reload,
           "Revocation lists of these authorities; empty: no certificate is revoked"),
      choice("user_name", &listener::user_name,
             {{"connect", user_name_source::connect},
              {"common_name", user_name_source::common_name},
              {"alternative_name", user_name_source::alternative_name}},
             changes::at_restart,
             "Where a client's user name comes from: its CONNECT, or its certificate (the common name, or the first "
             "DNS name, e-mail address or URI of the alternative ones), which then needs no password"),
      choice("tls_version", &listener::tls_version, {{"1.2", tls_version::v1_2}, {"1.3", tls_version::v1_3}},
             changes::at_restart, "The least version of TLS that is spoken"),
      text("tls_ciphers", &listener::tls_ciphers, is_any, "cipher suites in OpenSSL's words, or nothing",
           changes::at_restart,
           "Cipher suites of TLS 1.2; empty: those with forward secrecy and authenticated encryption"),
  };
}

}  // namespace

section listeners_section() {
  std::vector<field<listener>> fields = {
      text("bind", &listener::bind, is_address, "an IPv4 or IPv6 address", changes::at_restart,
           "Address to listen on; 0.0.0.0 is all of this machine's over IPv4, :: all over IPv6 and no IPv4: for "
           "both, two "
           "listeners, which may have the same port"),
      number("port", &listener::port, ports, changes::at_restart,
             "TCP port; 0 picks a free one. Clients with TLS look for 8883, which has to be said"),
      choice("transport", &listener::transport, {{"tcp", transport::tcp}, {"tls", transport::tls}}, changes::at_restart,
             "What carries MQTT"),
      choice("anonymous", &listener::anonymous,
             {{"auto", anonymous::automatic}, {"allow", anonymous::allow}, {"refuse", anonymous::refuse}},
             changes::at_restart,
             "Who may come in without a user name; auto: this machine as long as there are no users, and who shows "
             "a certificate where one is required"),
  };
  std::ranges::move(tls_fields(), std::back_inserter(fields));
  return item_section<listener>("listeners", "Where clients come in.", {"listener", "tcp", max_listeners, {}, {}, {}},
                                {&settings::listeners, &settings::listeners_are_default}, std::move(fields));
}

section admin_section() {
  return plain_section<admin>(
      "admin", "Where operators and Prometheus come in: health, metrics and the API of the command line.",
      [](auto& settings) -> auto& { return settings.admin; },
      {
          choice("enabled", &admin::enabled, {{"true", true}, {"false", false}}, changes::at_restart,
                 "Whether there is an admin listener"),
          text("bind", &admin::bind, is_address, "an IPv4 or IPv6 address", changes::at_restart,
               "Address to listen on; any but loopback needs a token"),
          number("port", &admin::port, ports, changes::at_restart, "TCP port; 0 picks a free one"),
          text("token_file", &admin::token_file, is_any, "the path of a file, or nothing", changes::at_reload,
               "Its first line is what requests have to send as 'Authorization: Bearer ...', of 16 characters at "
               "least; only /healthz and /readyz need none. Empty: whoever reaches the listener may ask"),
      });
}

}  // namespace headgate::config
