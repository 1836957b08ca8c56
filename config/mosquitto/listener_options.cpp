#include <array>

#include "config/mosquitto/option_table.hpp"

namespace headgate::config::mosquitto {

namespace {

constexpr auto changes = fate::changes_behaviour;
constexpr auto harmless = fate::harmless;

std::uint16_t port_of(const option_line& line, std::int64_t least) {
  constexpr std::int64_t most = 65'535;
  const auto number = number_of(line);
  if (number < least || number > most)
    fail_at(line.where, line.name + " takes a port from " + std::to_string(least) + " to " + std::to_string(most));
  return static_cast<std::uint16_t>(number);
}

void on_listener(draft& draft, const option_line& line) {
  old_listener listener;
  listener.where = line.where;
  listener.is_default = false;
  listener.is_addressed = true;
  listener.port = port_of(line, 0);
  const auto parts = words(line.value);
  const bool has_host = parts.size() > 1 && !parts[1].starts_with('#');
  if (listener.port == 0) {
    if (!has_host) fail_at(line.where, "a listener on port 0 is a unix socket, and its path is missing");
    listener.unix_path = parts[1];
    add_obstacle(listener, line, "unix", "Headgate has no unix sockets",
                 "let its clients connect to 127.0.0.1; on a socket the rights of the file decide who gets in, on "
                 "127.0.0.1 everybody on this machine does");
  } else if (has_host) {
    listener.host = parts[1];
  }
  draft.open_listener[line.reading] = draft.listeners.size();
  draft.listeners.push_back(std::move(listener));
}

// Both belong to the default listener wherever they stand.
void on_port(draft& draft, const option_line& line) {
  auto& listener = draft.listeners.front();
  if (listener.where.file.empty() || !listener.is_addressed) listener.where = line.where;
  listener.port = port_of(line, 1);
  listener.is_addressed = true;
  listener.absorbed.push_back(line.where);
}

void on_bind_address(draft& draft, const option_line& line) {
  auto& listener = draft.listeners.front();
  if (listener.where.file.empty()) listener.where = line.where;
  listener.host = first_word(line.value);
  listener.is_addressed = true;
  listener.absorbed.push_back(line.where);
}

void on_bind_interface(draft& draft, const option_line& line) {
  add_obstacle(touch(draft, line), line, "interface",
               "it listens on the interface " + printable(line.value) + ", and Headgate listens on addresses",
               "put the address of the interface into bind ('ip address' lists them)");
}

void on_protocol(draft& draft, const option_line& line) {
  const auto protocol = first_word(line.value);
  if (protocol == "mqtt") return add_finding(draft, fate::same_by_default, line, "so are the listeners of Headgate");
  if (protocol != "websockets" && protocol != "http_api")
    fail_at(line.where, "protocol is mqtt or websockets, not '" + printable(protocol) + "'");
  auto& listener = touch(draft, line);
  listener.websockets = true;
  add_obstacle(listener, line, "websockets",
               protocol == "websockets" ? "Headgate has no WebSockets yet" : "Headgate has no such web pages",
               "keep mosquitto for browsers, with a bridge to Headgate, until it has them");
}

void on_mount_point(draft& draft, const option_line& line) {
  add_obstacle(touch(draft, line), line, "mount_point",
               "its clients see only topics below " + printable(line.value) + ", and with Headgate they would see all",
               "let the clients use the whole name of their topics, then put the listener back");
}

void on_use_username_as_clientid(draft& draft, const option_line& line) {
  if (!flag_of(line)) return add_finding(draft, fate::same_by_default, line, "Headgate does the same");
  add_obstacle(
      touch(draft, line), line, "username_as_clientid",
      "it lets nobody in without a user name, which becomes the client id, and Headgate takes the client id that "
      "it is given",
      "let the clients send their user name as client id, then put the listener back; auth.bind_client_id "
      "keeps one user from the session of another");
}

void on_max_connections(draft& draft, const option_line& line) {
  (void)number_of(line);
  keep_last(draft, touch(draft, line).max_connections, line);
}

// mosquitto refuses whoever does not come through the proxy.
void on_proxy_protocol(draft& draft, const option_line& line) {
  if (number_of(line) == 0) return add_finding(draft, fate::same_by_default, line, "Headgate does the same");
  add_obstacle(touch(draft, line), line, "proxy_protocol",
               "only a proxy that speaks the PROXY protocol gets in, and Headgate does not read that",
               "turn it off in the proxy, let a firewall keep others away from the port, then put the listener back");
}

void on_socket_domain(draft& draft, const option_line& line) {
  const auto domain = first_word(line.value);
  if (domain != "ipv4" && domain != "ipv6")
    fail_at(line.where, "socket_domain is ipv4 or ipv6, not '" + printable(domain) + "'");
  auto& listener = touch(draft, line);
  if (listener.host.empty()) listener.host = domain == "ipv4" ? "0.0.0.0" : "::";
  add_finding(draft, fate::translated, line, "it chose the address in bind");
}

constexpr std::array rows = {
    option_row{"listener", value_kind::text, on_listener},
    option_row{"port", value_kind::number, on_port},
    option_row{"bind_address", value_kind::text, on_bind_address},
    option_row{"bind_interface", value_kind::text, on_bind_interface},
    option_row{"protocol", value_kind::text, on_protocol},
    option_row{"mount_point", value_kind::text, on_mount_point},
    option_row{"use_username_as_clientid", value_kind::flag, on_use_username_as_clientid},
    option_row{"max_connections", value_kind::number, on_max_connections},
    option_row{"socket_domain", value_kind::text, on_socket_domain},
    option_row{"max_qos", value_kind::number, nullptr, changes, "2", "Headgate takes every QoS on every listener"},
    option_row{"maximum_qos", value_kind::number, nullptr, changes, "2", "Headgate takes every QoS on every listener"},
    option_row{"max_topic_alias", value_kind::number, nullptr, harmless, "",
               "Headgate allows a client 64 topic aliases, whatever the listener"},
    option_row{"max_topic_alias_broker", value_kind::number, nullptr, harmless, "",
               "Headgate uses up to 64 topic aliases towards a client that allows them"},
    option_row{"http_dir", value_kind::text, nullptr, changes, "", "Headgate serves no files",
               "let a web server serve them"},
    option_row{"websockets_origin", value_kind::text, nullptr, harmless, "", "there are no WebSockets yet"},
    option_row{"accept_protocol_versions", value_kind::text, nullptr, changes, "",
               "Headgate lets in clients whom mosquitto refused: it takes MQTT 3.1, 3.1.1 and 5 on every listener"},
    option_row{"enable_proxy_protocol", value_kind::number, on_proxy_protocol},
    option_row{"proxy_protocol_v2_require_tls", value_kind::flag, nullptr, changes, "",
               "Headgate does not read the PROXY protocol"},
    option_row{"listener_allow_anonymous", value_kind::flag,
               [](draft& draft, const option_line& line) {
                 auto& security = draft.listener_of(line).security;
                 security.allow_anonymous = flag_of(line);
                 security.anonymous_at = line.where;
                 add_finding(draft, fate::translated, line, "it decided whether the listener may stay: see there");
               }},
    option_row{"listener_auto_id_prefix", value_kind::text, nullptr, harmless, "",
               "Headgate chooses the names of nameless clients itself"},
};

}  // namespace

old_listener& touch(draft& draft, const option_line& line) {
  auto& listener = draft.listener_of(line);
  if (listener.where.file.empty()) listener.where = line.where;
  return listener;
}

std::span<const option_row> listener_rows() {
  return rows;
}

}  // namespace headgate::config::mosquitto
