#include <array>

#include "config/mosquitto/option_table.hpp"

namespace headgate::config::mosquitto {

namespace {

void keep(old_listener& listener, const option_line& line) {
  listener.tls_options.insert_or_assign(line.name, line);
  listener.absorbed.push_back(line.where);
}

void on_tls(draft& draft, const option_line& line) {
  auto& listener = touch(draft, line);
  listener.tls = true;
  keep(listener, line);
}

// Options of TLS that alone do not ask for it. What comes of them is seen when the listener is judged.
void on_detail(draft& draft, const option_line& line) {
  keep(draft.listener_of(line), line);
}

void on_demand(draft& draft, const option_line& line) {
  keep(flag_of(line) ? touch(draft, line) : draft.listener_of(line), line);
}

void on_version(draft& draft, const option_line& line) {
  const auto version = first_word(line.value);
  if (version != "tlsv1.3" && version != "tlsv1.2" && version != "tlsv1.1")
    fail_at(line.where, "tls_version is tlsv1.3, tlsv1.2 or tlsv1.1, not '" + printable(version) + "'");
  on_detail(draft, line);
}

constexpr std::array rows = {
    option_row{"certfile", value_kind::text, on_tls},
    option_row{"keyfile", value_kind::text, on_tls},
    option_row{"cafile", value_kind::text, on_tls},
    option_row{"capath", value_kind::text, on_tls},
    option_row{"psk_hint", value_kind::text, on_tls},
    option_row{"require_certificate", value_kind::flag, on_demand},
    option_row{"use_identity_as_username", value_kind::flag, on_demand},
    option_row{"use_subject_as_username", value_kind::flag, on_demand},
    option_row{"crlfile", value_kind::text, on_detail},
    option_row{"ciphers", value_kind::text, on_detail},
    option_row{"ciphers_tls1.3", value_kind::text, on_detail},
    option_row{"dhparamfile", value_kind::text, on_detail},
    option_row{"tls_engine", value_kind::text, on_detail},
    option_row{"tls_engine_kpass_sha1", value_kind::text, on_detail},
    option_row{"tls_keyform", value_kind::text, on_detail},
    option_row{"tls_version", value_kind::text, on_version},
    option_row{"disable_client_cert_date_checks", value_kind::flag, on_detail},
};

}  // namespace

std::span<const option_row> tls_rows() {
  return rows;
}

}  // namespace headgate::config::mosquitto
