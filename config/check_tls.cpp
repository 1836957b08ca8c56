#include <string>
#include <utility>
#include <vector>

#include "config/conflicts.hpp"
#include "config/tls_of.hpp"

namespace headgate::config {

namespace {

using net::client_certificates;

std::string count(std::size_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

// Says what is wrong with one listener; the keys are given without "listeners.NAME.".
struct listener_checker {
  const config::listener& listener;
  std::vector<conflict>& found;

  std::string path(const std::string& key) const { return "listeners." + listener.name + "." + key; }

  void add(const std::vector<std::string>& keys, std::string sentence) const {
    conflict conflict{{}, std::move(sentence)};
    for (const auto& key : keys) conflict.keys.push_back(path(key));
    found.push_back(std::move(conflict));
  }

  // Without TLS none of its keys means anything, and whoever set one wanted what is not there.
  void check_plain() const {
    const std::vector<std::pair<std::string, bool>> keys = {
        {"certificate", !listener.certificate.empty()},
        {"key", !listener.key.empty()},
        {"client_certificate", listener.client_certificate != client_certificates::none},
        {"client_ca", !listener.client_ca.empty()},
        {"crl", !listener.crl.empty()},
        {"user_name", listener.user_name != user_name_source::connect},
        {"tls_version", listener.tls_version != net::tls_version::v1_2},
        {"tls_ciphers", !listener.tls_ciphers.empty()},
    };
    std::vector<std::string> set;
    std::string names;
    for (const auto& [key, is_set] : keys) {
      if (!is_set) continue;
      set.push_back(key);
      names += (names.empty() ? "" : ", ") + path(key);
    }
    if (set.empty()) return;
    add(set, names + (set.size() == 1 ? " means" : " mean") + " nothing without TLS: set " + path("transport") +
                 " to tls, or leave " + (set.size() == 1 ? "it" : "them") + " out");
  }

  void check_certificates() const {
    const auto certificates = files_in(listener.certificate).size();
    const auto keys = files_in(listener.key).size();
    if (certificates == 0 || keys == 0) {
      const auto missing = certificates == 0 && keys == 0 ? path("certificate") + " and " + path("key")
                           : certificates == 0            ? path("certificate")
                                                          : path("key");
      return add({"transport", "certificate", "key"},
                 path("transport") + "=tls needs a certificate and its key: set " + missing +
                     " to the names of PEM files ('headgate cert dev' makes some for trying things out)");
    }
    if (certificates == keys) return;
    add({"key", "certificate"}, "listeners." + listener.name + " has " + count(certificates, "certificate") + " and " +
                                    count(keys, "key") + ": the n-th key is that of the n-th certificate, so " +
                                    path("certificate") + " and " + path("key") + " take as many names each");
  }

  void check_clients() const {
    const auto ask = path("client_certificate");
    if (listener.client_certificate != client_certificates::none) {
      if (!listener.client_ca.empty()) return;
      return add({"client_certificate"}, ask + " needs authorities to verify clients' certificates by: set " +
                                             path("client_ca") + " to a PEM file with theirs");
    }
    const auto instead = ": set " + ask + " to required or optional, or leave it out";
    for (const auto& [key, value] : {std::pair("client_ca", listener.client_ca), std::pair("crl", listener.crl)}) {
      if (!value.empty()) add({key}, path(key) + " is for certificates of clients, which nobody asks for" + instead);
    }
    if (listener.user_name != user_name_source::connect) {
      add({"user_name"},
          path("user_name") + " is to come from certificates of clients, which nobody asks for" + instead);
    }
  }

  void check_ciphers() const {
    if (listener.tls_ciphers.empty() || listener.tls_version != net::tls_version::v1_3) return;
    add({"tls_ciphers", "tls_version"}, path("tls_ciphers") + " are cipher suites of TLS 1.2, which " +
                                            path("tls_version") + "=1.3 does not speak: leave one of the two out");
  }
};

}  // namespace

void find_tls_conflicts(const listener& listener, std::vector<conflict>& found) {
  const listener_checker checker{listener, found};
  if (listener.transport == transport::tcp) return checker.check_plain();
  checker.check_certificates();
  checker.check_clients();
  checker.check_ciphers();
}

}  // namespace headgate::config
