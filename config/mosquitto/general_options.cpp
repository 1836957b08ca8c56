#include <algorithm>
#include <array>

#include "config/mosquitto/option_table.hpp"

namespace headgate::config::mosquitto {

namespace {

constexpr auto changes = fate::changes_behaviour;
constexpr auto harmless = fate::harmless;

void on_per_listener_settings(draft& draft, const option_line& line) {
  draft.per_listener_settings = flag_of(line);
  add_finding(draft, fate::translated, line, "each listener was judged by its own options");
}

void on_allow_anonymous(draft& draft, const option_line& line) {
  auto& security = draft.security_of(line);
  security.allow_anonymous = flag_of(line);
  security.anonymous_at = line.where;
  draft.anonymous_lines.push_back(line);
}

void on_password_file(draft& draft, const option_line& line) {
  draft.security_of(line).password_file = line;
  draft.users_lines.push_back(line);
}

void on_acl_file(draft& draft, const option_line& line) {
  draft.security_of(line).acl_file = line;
  draft.rights_lines.push_back(line);
}

void on_plugin(draft& draft, const option_line& line) {
  auto& plugin = draft.security_of(line).plugin;
  if (!plugin) plugin = line;
  add_finding(
      draft, fate::changes_behaviour, line,
      "Headgate does not load mosquitto's plugins; listeners to which one may have applied are left out",
      "if it checked users or rights, write them into the files that auth.password_file and auth.acl_file name; "
      "if it did something else, see whether a client can do it");
}

void on_clientid_prefixes(draft& draft, const option_line& line) {
  draft.clientid_prefixes = line;
  add_finding(draft, fate::changes_behaviour, line,
              "Headgate does not choose clients by their client id; the listeners are left out",
              "let a firewall decide who reaches them, then put them back");
}

void on_max_inflight_messages(draft& draft, const option_line& line) {
  constexpr std::int64_t most = 32'000;  // of limits.max_inflight
  const auto wanted = number_of(line);
  if (wanted < 0 || wanted > 65'535) fail_at(line.where, "max_inflight_messages is a number from 0 to 65535");
  const auto value = wanted == 0 ? most : std::min(wanted, most);
  add_setting(draft, line, "limits.max_inflight", std::to_string(value), wanted == 0 ? ", the most there is" : "");
}

void on_max_keepalive(draft& draft, const option_line& line) {
  const auto value = number_of(line);
  if (value == 0)
    return add_finding(draft, fate::same_by_default, line, "no Keep Alive is too long for Headgate either");
  if (value < 10 || value > 65'535) fail_at(line.where, "max_keepalive is a number of seconds from 10 to 65535, or 0");
  add_setting(draft, line, "limits.max_keep_alive_s", std::to_string(value), "; clients of MQTT 3 keep their own");
}

void on_max_packet_size(draft& draft, const option_line& line) {
  if (number_of(line) < 20) fail_at(line.where, "max_packet_size is a number of bytes, 20 or more");
  keep_last(draft, draft.max_packet_size, line);
}

void on_message_size_limit(draft& draft, const option_line& line) {
  if (number_of(line) < 0) fail_at(line.where, "message_size_limit is a number of bytes, 0 or more");
  keep_last(draft, draft.message_size_limit, line);
}

void on_global_max_connections(draft& draft, const option_line& line) {
  keep_last(draft, draft.global_max_connections, line);
}

void on_persistence(draft& draft, const option_line& line) {
  if (!flag_of(line)) return add_finding(draft, fate::same_by_default, line, "Headgate keeps nothing on disk either");
  add_finding(
      draft, fate::changes_behaviour, line,
      "Headgate keeps nothing on disk without data_dir, retained messages not even with it, and does not read "
      "mosquitto.db: it starts empty",
      "set data_dir to a directory of Headgate's own, which keeps sessions and queued messages; to take the retained "
      "messages over, run the old mosquitto "
      "once more with a bridge to Headgate (connection headgate, address 127.0.0.1:PORT, topic # out 1)");
}

void on_sys_interval(draft& draft, const option_line& line) {
  constexpr std::int64_t most = 3600;  // of sys.interval_s
  const auto wanted = number_of(line);
  if (wanted < 0 || wanted > 65'535) fail_at(line.where, "sys_interval is a number of seconds from 0 to 65535");
  add_setting(draft, line, "sys.interval_s", std::to_string(std::min(wanted, most)));
}

void on_connection_messages(draft& draft, const option_line& line) {
  if (flag_of(line)) return add_finding(draft, fate::same_by_default, line, "Headgate writes these lines too");
  add_setting(draft, line, "logging.client_lines_per_second", "0");
}

void on_log_dest(draft& draft, const option_line& line) {
  const auto destination = first_word(line.value);
  if (destination == "stderr" || destination == "stdout")
    return add_finding(draft, fate::same_by_default, line, "Headgate logs to standard error, and so to the journal");
  if (destination == "none") {
    draft.log_types.push_back(line);
    return;
  }
  if (destination == "topic")
    return add_finding(draft, fate::changes_behaviour, line,
                       "Headgate publishes no log lines: who subscribes to $SYS/broker/log/# hears nothing",
                       "read standard error, or the journal (journalctl -u headgate -f)");
  if (destination == "syslog")
    return add_finding(draft, fate::harmless, line,
                       "Headgate logs to standard error: under systemd the journal has it");
  if (destination == "file" || destination == "dlt" || destination == "android")
    return add_finding(draft, fate::changes_behaviour, line,
                       "Headgate logs to standard error only: what reads that place finds nothing new",
                       "under systemd use journalctl -u headgate, or StandardError=append:FILE in the unit");
  fail_at(line.where, "log_dest has no destination '" + printable(destination) + "'");
}

void on_log_type(draft& draft, const option_line& line) {
  constexpr std::array types = {"debug",       "error",      "warning",  "notice", "information", "subscribe",
                                "unsubscribe", "websockets", "internal", "none",   "all"};
  const auto type = first_word(line.value);
  if (std::ranges::find(types, type) == types.end())
    fail_at(line.where, "log_type has no type '" + printable(type) + "'");
  draft.log_types.push_back(line);
}

void on_include_dir(draft& draft, const option_line& line) {
  if (line.reading == 0) return add_finding(draft, fate::translated, line, "its files were read");
  add_finding(draft, fate::harmless, line, "mosquitto does not follow it in an included file either");
}

constexpr std::array rows = {
    option_row{"per_listener_settings", value_kind::flag, on_per_listener_settings},
    option_row{"allow_anonymous", value_kind::flag, on_allow_anonymous},
    option_row{"password_file", value_kind::text, on_password_file},
    option_row{"acl_file", value_kind::text, on_acl_file},
    option_row{"auth_plugin", value_kind::text, on_plugin},
    option_row{"plugin", value_kind::text, on_plugin},
    option_row{"global_plugin", value_kind::text, on_plugin},
    option_row{"plugin_load", value_kind::text, on_plugin},
    option_row{"plugin_use", value_kind::text, on_plugin},
    option_row{"auth_plugin_deny_special_chars", value_kind::flag, nullptr, harmless, "", "it goes with its plugin"},
    option_row{"clientid_prefixes", value_kind::text, on_clientid_prefixes},
    option_row{"psk_file", value_kind::text, nullptr, changes, "",
               "Headgate has no TLS with pre-shared keys; listeners with psk_hint are left out",
               "give the clients certificates, or passwords over TLS with a certificate of the server's"},
    option_row{
        "allow_zero_length_clientid", value_kind::flag, nullptr, changes, "true",
        "Headgate lets in clients whom mosquitto refused: those without a client id, and gives them one of its own, "
        "as MQTT allows"},
    option_row{"auto_id_prefix", value_kind::text, nullptr, harmless, "",
               "Headgate chooses the names of nameless clients itself"},
    option_row{"allow_duplicate_messages", value_kind::flag, nullptr, harmless, "",
               "deprecated in mosquitto too; MQTT leaves both to the server"},
    option_row{"check_retain_source", value_kind::flag, nullptr, changes, "false",
               "Headgate delivers a retained message also when its publisher has lost the right to the topic since",
               "delete those that should not be there (mosquitto_pub -r -n -t TOPIC)"},
    option_row{
        "retain_available", value_kind::flag, nullptr, changes, "true",
        "Headgate always takes retained messages, and keeps them (without data_dir within retained.memory_bytes)",
        "stop the clients that set the retain flag, if they must not"},
    option_row{"retain_expiry_interval", value_kind::number, nullptr, changes, "0",
               "Headgate keeps retained messages without end, unless their publisher gave them an expiry (MQTT 5)",
               "let the publishers set Message Expiry Interval"},
    option_row{"max_inflight_messages", value_kind::number, on_max_inflight_messages},
    option_row{"max_inflight_bytes", value_kind::number, nullptr, changes, "0",
               "Headgate counts messages in flight (limits.max_inflight) and what a socket does not take "
               "(limits.max_output_bytes), not the bytes in flight"},
    option_row{"max_packet_size", value_kind::number, on_max_packet_size},
    option_row{"message_size_limit", value_kind::number, on_message_size_limit},
    option_row{"max_queued_messages", value_kind::number, nullptr, changes, "",
               "Headgate has no queue a client: who is away reads on in the log, and misses what the log has dropped",
               "make the log as large as the longest absence asks for: data_dir and log.retention_age_s, or without a "
               "data_dir log.memory_bytes"},
    option_row{"max_queued_bytes", value_kind::number, nullptr, changes, "",
               "Headgate has no queue a client: who is away reads on in the log, and misses what the log has dropped",
               "make the log as large as the longest absence asks for: data_dir and log.retention_age_s, or without a "
               "data_dir log.memory_bytes"},
    option_row{"queue_qos0_messages", value_kind::flag, nullptr, changes, "false",
               "QoS 0 is for clients that are connected: who is away does not get it later",
               "let publishers use QoS 1 for what must not be missed"},
    option_row{"upgrade_outgoing_qos", value_kind::flag, nullptr, changes, "false",
               "a message keeps the QoS of its publisher when the subscription's is higher, as MQTT says",
               "let publishers use the QoS that subscribers want"},
    option_row{"max_keepalive", value_kind::number, on_max_keepalive},
    option_row{"memory_limit", value_kind::number, nullptr, changes, "0",
               "Headgate bounds each thing by a limit of its own (limits.…, log.memory_bytes), not the whole process",
               "under systemd: MemoryMax= in the unit"},
    option_row{"packet_buffer_size", value_kind::number, nullptr, harmless, "", "Headgate chooses its buffers itself"},
    option_row{"global_max_connections", value_kind::number, on_global_max_connections},
    option_row{"global_max_clients", value_kind::number, nullptr, changes, "-1",
               "Headgate limits connected clients (limits.max_clients), not stored sessions"},
    option_row{
        "persistent_client_expiration", value_kind::text, nullptr, changes, "",
        "sessions of MQTT 3 clients that never come back stay, with a data_dir for ever, else until the process ends",
        "let clients with random client ids connect with a clean session"},
    option_row{"persistence", value_kind::flag, on_persistence},
    option_row{"persistence_file", value_kind::text, nullptr, harmless, "", "there is no such file"},
    option_row{"persistence_location", value_kind::text, nullptr, harmless, "",
               "there is no such file; Headgate's own directory is data_dir, never that of mosquitto"},
    option_row{"retained_persistence", value_kind::flag, nullptr, harmless, "", "no longer an option of mosquitto"},
    option_row{"autosave_interval", value_kind::number, nullptr, harmless, "", "there is nothing to save"},
    option_row{"autosave_on_changes", value_kind::flag, nullptr, harmless, "", "there is nothing to save"},
    option_row{"sys_interval", value_kind::number, on_sys_interval},
    option_row{"log_dest", value_kind::text, on_log_dest},
    option_row{"log_type", value_kind::text, on_log_type},
    option_row{"log_facility", value_kind::text, nullptr, harmless, "", "Headgate does not write to syslog itself"},
    option_row{"log_timestamp", value_kind::flag, nullptr, harmless, "true", "every line of Headgate has its time"},
    option_row{"log_timestamp_format", value_kind::text, nullptr, harmless, "",
               "Headgate writes the time as 2026-01-31T12:00:00.000"},
    option_row{"connection_messages", value_kind::flag, on_connection_messages},
    option_row{"set_tcp_nodelay", value_kind::flag, nullptr, harmless, "true",
               "Headgate always sets it: messages leave sooner"},
    option_row{"websockets_log_level", value_kind::number, nullptr, harmless, "", "there is no such library in it"},
    option_row{"websockets_headers_size", value_kind::number, nullptr, harmless, "", "there are no WebSockets yet"},
    option_row{"retry_interval", value_kind::number, nullptr, harmless, "", "no longer an option of mosquitto"},
    option_row{"enable_control_api", value_kind::flag, nullptr, changes, "false",
               "Headgate answers nothing under $CONTROL"},
    option_row{"user", value_kind::text, nullptr, harmless, "",
               "Headgate runs as whoever starts it: the systemd unit names the user"},
    option_row{"pid_file", value_kind::text, nullptr, harmless, "",
               "Headgate writes none: systemd knows the process, and data_dir/lock names it"},
    option_row{"include_dir", value_kind::text, on_include_dir},
};

}  // namespace

std::span<const option_row> general_rows() {
  return rows;
}

}  // namespace headgate::config::mosquitto
