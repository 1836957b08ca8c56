#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "config/mosquitto/verdict.hpp"
#include "config/mosquitto/write_yaml.hpp"

namespace headgate::config::mosquitto {

namespace {

constexpr std::array demands = {"require_certificate", "use_identity_as_username", "use_subject_as_username"};

const option_line* find(const old_listener& listener, const std::string& option) {
  const auto found = listener.tls_options.find(option);
  return found == listener.tls_options.end() ? nullptr : &found->second;
}

std::string value_of(const old_listener& listener, const std::string& option) {
  const auto* line = find(listener, option);
  return line == nullptr ? "" : line->value;
}

// What stands in the way, told once for each listener, with the line that it comes from.
struct hindrances {
  const old_listener& listener;
  std::vector<obstacle> all;

  void add(const std::string& option, std::string why, std::string by_hand = "") {
    const auto* line = find(listener, option);
    all.push_back({line == nullptr ? listener.where : line->where, "tls", std::move(why), std::move(by_hand)});
  }
};

void judge_server_certificate(hindrances& found) {
  const auto& listener = found.listener;
  if (find(listener, "psk_hint") != nullptr) {
    return found.add("psk_hint", "its clients show a pre-shared key, which Headgate does not take",
                     "give the clients certificates, or passwords over TLS with a certificate of the server's");
  }
  if (value_of(listener, "certfile").empty() || value_of(listener, "keyfile").empty()) {
    return found.add(listener.tls_options.begin()->first,
                     "it has lines about TLS, but not both certfile and keyfile: mosquitto 2.0 serves it without TLS, "
                     "which hardly anybody meant",
                     "add certfile and keyfile, or take the lines about TLS out, and import again");
  }
  if (find(listener, "tls_engine") != nullptr || value_of(listener, "tls_keyform") == "engine") {
    found.add(find(listener, "tls_engine") != nullptr ? "tls_engine" : "tls_keyform",
              "its key is in an engine of OpenSSL, and Headgate reads keys from files");
  }
  for (const std::string option : {"certfile", "keyfile"}) {
    if (value_of(listener, option).find(',') != std::string::npos) {
      found.add(option, "the name of its " + option + " has a comma, which divides names in Headgate",
                "give the file another name, then put the listener back");
    }
  }
}

void judge_clients_certificates(hindrances& found) {
  const auto& listener = found.listener;
  const bool required = is_set(listener, "require_certificate");
  if (is_set(listener, "use_subject_as_username")) {
    found.add("use_subject_as_username",
              "the whole subject of a certificate was the user name, and Headgate takes one name of it",
              "write the common names of the certificates into the ACL file and set user_name: common_name");
  }
  if (is_set(listener, "use_identity_as_username") && !required) {
    found.add("use_identity_as_username",
              "its user names come from certificates, for which it does not ask: mosquitto lets nobody in");
  }
  if (!required || find(listener, "cafile") != nullptr) return;
  const auto directory = value_of(listener, "capath");
  found.add(
      "require_certificate",
      directory.empty()
          ? "it asks for certificates, and names no authorities that they could come from"
          : "its authorities are in a directory, " + printable(directory) + ", and Headgate reads them from one file",
      directory.empty() ? "" : "put them together (cat DIRECTORY/*.pem > clients-ca.pem) and set client_ca to it");
}

// Names that YAML or our own lists cannot hold.
void judge_names(hindrances& found) {
  for (const auto& [option, line] : found.listener.tls_options) {
    if (printable(line.value) == line.value) continue;
    found.add(option, option + " has letters that no configuration of Headgate can hold",
              "give the file another name, then put the listener back");
  }
}

std::string without_tls_1_2(const old_listener& listener) {
  return first_word(value_of(listener, "tls_version")) == "tlsv1.3" ? "1.3" : "";
}

// The options that say nothing for Headgate, or something else than for mosquitto; only those that need a word.
std::optional<finding> word_about(const old_listener& listener, const option_line& line) {
  const bool required = is_set(listener, "require_certificate");
  const auto say = [&](fate fate, std::string what, std::string by_hand = "") {
    return finding{fate, line.where, line.name, std::move(what), std::move(by_hand)};
  };
  if (line.name == "cafile" && !required) {
    return say(fate::harmless, "nobody is asked for a certificate that it would verify",
               "if it completes the server's own chain: append it to the file of certfile");
  }
  if (line.name == "capath") {
    if (!required) return say(fate::harmless, "nobody is asked for a certificate that it would verify");
    return say(fate::changes_behaviour,
               "Headgate reads authorities from one file, client_ca: clients whose "
               "certificates come from those in this directory are refused",
               "append them to the file of cafile");
  }
  if (line.name == "crlfile" && !required) return say(fate::harmless, "nobody is asked for a certificate");
  if (line.name == "tls_version" && first_word(line.value) == "tlsv1.1") {
    return say(fate::changes_behaviour, "Headgate speaks TLS 1.2 and 1.3: clients that know 1.1 only are refused");
  }
  if (line.name == "ciphers" && !without_tls_1_2(listener).empty())
    return say(fate::harmless, "they are of TLS 1.2, which tls_version leaves out");
  if (line.name == "ciphers_tls1.3") {
    return say(fate::changes_behaviour, "Headgate takes those cipher suites of TLS 1.3 that OpenSSL takes by itself");
  }
  if (line.name == "dhparamfile")
    return say(fate::harmless, "Headgate exchanges keys over elliptic curves, which need no parameters");
  if (line.name == "disable_client_cert_date_checks" && flag_of(line))
    return say(fate::changes_behaviour, "Headgate refuses certificates of clients that have expired",
               "give those clients new ones");
  return std::nullopt;
}

}  // namespace

bool is_set(const old_listener& listener, const std::string& flag) {
  const auto* line = find(listener, flag);
  return line != nullptr && flag_of(*line);
}

bool takes_names_of_certificates(const old_listener& listener) {
  return listener.tls && is_set(listener, "require_certificate") && is_set(listener, "use_identity_as_username");
}

std::vector<obstacle> tls_obstacles(const old_listener& listener) {
  hindrances found{listener, {}};
  if (!listener.tls) {
    for (const std::string option : demands) {
      if (is_set(listener, option)) found.add(option, "it asks for certificates, and has no certificate of its own");
    }
    return found.all;
  }
  judge_server_certificate(found);
  judge_clients_certificates(found);
  judge_names(found);
  return found.all;
}

std::vector<new_key> tls_keys(const old_listener& listener) {
  if (!listener.tls) return {};
  std::vector<new_key> keys = {{"transport", "tls"}};
  const auto add = [&](const std::string& key, const std::string& option) {
    const auto value = value_of(listener, option);
    if (!value.empty()) keys.push_back({key, yaml_text(printable(value))});
  };
  add("certificate", "certfile");
  add("key", "keyfile");
  if (is_set(listener, "require_certificate")) {
    keys.push_back({"client_certificate", "required"});
    add("client_ca", "cafile");
    add("crl", "crlfile");
    if (takes_names_of_certificates(listener)) keys.push_back({"user_name", "common_name"});
  }
  const auto version = without_tls_1_2(listener);
  if (version.empty()) {
    add("tls_ciphers", "ciphers");
  } else {
    keys.push_back({"tls_version", version});
  }
  return keys;
}

std::vector<finding> tls_findings(const old_listener& listener) {
  std::vector<finding> findings;
  for (const auto& [option, line] : listener.tls_options) {
    if (!listener.tls) {
      findings.push_back(
          {fate::harmless, line.where, line.name, "it says how TLS is done, and this listener has none", ""});
    } else if (auto word = word_about(listener, line)) {
      findings.push_back(std::move(*word));
    }
  }
  return findings;
}

}  // namespace headgate::config::mosquitto
