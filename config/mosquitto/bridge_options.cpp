#include <array>

#include "config/mosquitto/option_table.hpp"

namespace headgate::config::mosquitto {

namespace {

void on_connection(draft& draft, const option_line& line) {
  draft.open_bridge[line.reading] = draft.bridges.size();
  draft.bridges.push_back({line.where, line.value, {}});
}

// All options of a bridge go with it. Some are passwords: nothing but addresses and topics is ever printed.
void on_bridge_option(draft& draft, const option_line& line) {
  const auto open = draft.open_bridge.find(line.reading);
  if (open == draft.open_bridge.end())
    fail_at(line.where, line.name + " belongs to a bridge, and there is no line 'connection' above it");
  draft.bridges[open->second].lines.push_back(line);
}

constexpr option_row of_bridge(std::string_view name, value_kind kind = value_kind::text) {
  return {name, kind, on_bridge_option};
}

constexpr std::array rows = {
    option_row{"connection", value_kind::text, on_connection},
    of_bridge("address"),
    of_bridge("addresses"),
    of_bridge("topic"),
    of_bridge("bridge_alpn"),
    of_bridge("bridge_attempt_unsubscribe", value_kind::flag),
    of_bridge("bridge_bind_address"),
    of_bridge("bridge_cafile"),
    of_bridge("bridge_capath"),
    of_bridge("bridge_certfile"),
    of_bridge("bridge_ciphers"),
    of_bridge("bridge_ciphers_tls1.3"),
    of_bridge("bridge_identity"),
    of_bridge("bridge_insecure", value_kind::flag),
    of_bridge("bridge_keyfile"),
    of_bridge("bridge_max_packet_size", value_kind::number),
    of_bridge("bridge_max_topic_alias", value_kind::number),
    of_bridge("bridge_outgoing_retain", value_kind::flag),
    of_bridge("bridge_protocol_version"),
    of_bridge("bridge_psk"),
    of_bridge("bridge_receive_maximum", value_kind::number),
    of_bridge("bridge_reload_type"),
    of_bridge("bridge_require_ocsp", value_kind::flag),
    of_bridge("bridge_session_expiry_interval", value_kind::number),
    of_bridge("bridge_tcp_keepalive_counter", value_kind::number),
    of_bridge("bridge_tcp_keepalive_idle", value_kind::number),
    of_bridge("bridge_tcp_keepalive_interval", value_kind::number),
    of_bridge("bridge_tcp_user_timeout", value_kind::number),
    of_bridge("bridge_tls_use_os_certs", value_kind::flag),
    of_bridge("bridge_tls_version"),
    of_bridge("cleansession", value_kind::flag),
    of_bridge("clientid"),
    of_bridge("idle_timeout", value_kind::number),
    of_bridge("keepalive_interval", value_kind::number),
    of_bridge("local_cleansession", value_kind::flag),
    of_bridge("local_clientid"),
    of_bridge("local_password"),
    of_bridge("local_username"),
    of_bridge("notification_topic"),
    of_bridge("notifications", value_kind::flag),
    of_bridge("notifications_local_only", value_kind::flag),
    of_bridge("password"),
    of_bridge("remote_clientid"),
    of_bridge("remote_password"),
    of_bridge("remote_username"),
    of_bridge("restart_timeout"),
    of_bridge("round_robin", value_kind::flag),
    of_bridge("start_type"),
    of_bridge("threshold", value_kind::number),
    of_bridge("try_private", value_kind::flag),
    of_bridge("username"),
};

}  // namespace

std::span<const option_row> bridge_rows() {
  return rows;
}

}  // namespace headgate::config::mosquitto
