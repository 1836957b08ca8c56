#include "proxy/gateway/client_lines.hpp"

#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/printable.hpp"
#include "proxy/gateway/advice.hpp"

namespace headgate::proxy::gateway {

namespace {

// A line while it is put together.
struct client_line {
  base::severity severity = base::severity::info;
  std::string_view event;
  std::string text;
  std::vector<std::pair<std::string_view, std::string>> fields;

  void add(std::string_view name, std::string value) { fields.emplace_back(name, std::move(value)); }
};

bool admit(proxy_state& state, base::severity severity) {
  if (state.client_lines.admit(severity, state.now.monotonic)) return true;
  ++state.counters.log_lines_left_out;
  return false;
}

void write(proxy_state& state, const client_line& line) {
  std::vector<base::log_field> fields;
  for (const auto& [name, value] : line.fields) fields.push_back({name, value});
  state.ports.log.write({.severity = line.severity, .event = line.event, .text = line.text, .fields = fields});
}

// Begins with "client 'id' at address "; only for lines that were admitted: the address costs a system call.
client_line begin_line(proxy_state& state, std::uint32_t client, base::severity severity, std::string_view event) {
  const auto& session = state.sessions[client];
  client_line line{severity, event, {}, {}};
  const auto id = printable(session.id.view());
  const auto address = state.ports.clients.peer_of(client);
  line.text = (id.empty() ? "a client" : "client '" + id + "'") + " at " + address + " ";
  if (!id.empty()) line.add("client", id);
  line.add("address", address);
  if (const auto listener = state.ports.clients.entrance_of(client).listener; !listener.empty()) {
    line.add("listener", std::string(listener));
  }
  if (session.more && !session.more->user_name.empty()) line.add("user", printable(session.more->user_name));
  return line;
}

std::string_view name_of(mqtt::version version) {
  switch (version) {
    case mqtt::version::v3_1:
      return "3.1";
    case mqtt::version::v3_1_1:
      return "3.1.1";
    case mqtt::version::v5:
      return "5";
  }
  return "";
}

std::string seconds(std::uint64_t count) {
  return std::to_string(count) + " s";
}

std::string end_of_session(std::uint32_t expiry_s) {
  if (expiry_s == 0) return "session ends with the connection";
  if (expiry_s == mqtt::no_expiry) return "session is kept for ever";
  return "session is kept for " + seconds(expiry_s) + " after the connection";
}

// "Malformed Packet" → "malformed_packet".
std::string word_of(mqtt::reason_code reason) {
  std::string word(mqtt::name_of(reason));
  for (auto& letter : word) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    if (letter == ' ' || letter == '-') letter = '_';
  }
  return word;
}

std::string hex_of(mqtt::reason_code reason) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "0x%02x", static_cast<unsigned>(reason));
  return text.data();
}

std::string cause_of(const ending& ending) {
  switch (ending.cause) {
    case ended_by::client:
      return "client";
    case ended_by::network:
      return "network";
    case ended_by::keep_alive:
      return "keep_alive";
    case ended_by::takeover:
      return "takeover";
    case ended_by::kick:
      return "operator";
    case ended_by::user_changed:
      return "user_changed";
    case ended_by::error:
      return "error:" + word_of(ending.reason);
    case ended_by::shutdown:
      return "shutdown";
  }
  return {};
}

bool is_failure(mqtt::reason_code reason) {
  return reason >= mqtt::reason_code::unspecified_error;
}

// A warning where something is wrong, with the client, its network, or its id. A device that takes its own session over
// comes from the host that it had, as a rule.
base::severity severity_of(proxy_state& state, std::uint32_t client, const ending& ending) {
  using base::severity;
  switch (ending.cause) {
    case ended_by::network:
    case ended_by::kick:
    case ended_by::user_changed:
    case ended_by::shutdown:
      return severity::info;
    case ended_by::client:
      return is_failure(ending.reason) ? severity::warning : severity::info;
    case ended_by::takeover:
      return host_of(ending.other) == host_of(state.ports.clients.peer_of(client)) ? severity::info : severity::warning;
    case ended_by::keep_alive:
    case ended_by::error:
      return severity::warning;
  }
  return severity::warning;
}

// The limits that the client was told when it connected.
base::limits limits_of(const proxy_state& state, const session::session& session) {
  auto limits = state.limits;
  const auto& terms = state.terms_of(session);
  limits.max_packet_bytes = terms.max_packet_bytes;
  limits.inflight_in = terms.inflight_in;
  limits.topic_aliases = terms.topic_aliases;
  return limits;
}

std::string why_closed(std::string_view why, mqtt::reason_code reason, const base::limits& limits) {
  auto text = std::string(why) + " (" + std::string(mqtt::name_of(reason)) + ")";
  if (const auto advice = advice_for(reason, limits); !advice.empty()) text += "; " + advice;
  return text;
}

// What goes on from "client 'id' at address ".
std::string text_of(proxy_state& state, std::uint32_t client, const ending& ending) {
  const auto& session = state.sessions[client];
  const auto after = " after " + seconds(state.now_s() - session.connected_at_s);
  const bool has_will = session.more && session.more->will;
  switch (ending.cause) {
    case ended_by::client:
      if (!is_failure(ending.reason)) return "has disconnected" + after;
      return "has disconnected" + after + ": it says '" + std::string(mqtt::name_of(ending.reason)) +
             "'; the reason is to be found in its own log";
    case ended_by::network:
      return "has gone" + after + " without DISCONNECT" + (has_will ? ", its will is due" : "") +
             "; if that happens often, look at its network";
    case ended_by::keep_alive:
      return "has gone" + after + ": nothing heard for 1.5 times its keep alive of " + seconds(session.keep_alive_s) +
             "; look at its network, or let it ask for a longer keep alive";
    case ended_by::takeover:
      return "was closed" + after + ": another connection came with the same client id" +
             (ending.other.empty() ? "" : ", from " + std::string(ending.other)) +
             "; if these are two devices, give each a client id of its own";
    case ended_by::kick:
      return "was closed" + after + " by an operator";
    case ended_by::user_changed:
      return "was closed" + after + ": " + std::string(ending.why);
    case ended_by::error:
      return "was closed" + after + ": " + why_closed(ending.why, ending.reason, limits_of(state, session));
    case ended_by::shutdown:
      return "was closed" + after + ": this server is shutting down";
  }
  return {};
}

void write_left_out(proxy_state& state, const line_budget::left_out& left_out) {
  if (left_out.all() == 0) return;
  client_line line{
      left_out.warnings > 0 ? base::severity::warning : base::severity::info, "client_lines_left_out", {}, {}};
  line.text = std::to_string(left_out.all()) + " lines about clients were left out in the last " +
              seconds(left_out.seconds) + ", of these " + std::to_string(left_out.warnings) +
              " warnings: this worker writes " + std::to_string(state.client_lines.per_second()) +
              " a second, its share of logging.client_lines_per_second";
  line.add("lines", std::to_string(left_out.all()));
  line.add("warnings", std::to_string(left_out.warnings));
  line.add("seconds", std::to_string(left_out.seconds));
  write(state, line);
}

}  // namespace

std::string_view host_of(std::string_view address) {
  auto host = address.substr(0, address.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

std::string printable(std::string_view text) {
  constexpr std::size_t longest_shown = 128;
  return base::printable(text, longest_shown);
}

void tell_connected(proxy_state& state, std::uint32_t client, bool clean_start, bool resumed) {
  if (!admit(state, base::severity::info)) return;
  const auto& session = state.sessions[client];
  auto line = begin_line(state, client, base::severity::info, "client_connected");
  line.text += "connected: MQTT " + std::string(name_of(session.version)) + ", " +
               (session.keep_alive_s == 0 ? "no keep alive" : "keep alive " + seconds(session.keep_alive_s)) + ", " +
               (clean_start ? "clean start"
                : resumed   ? "goes on with its session"
                            : "new session") +
               ", " + end_of_session(session.expiry_s);
  if (session.bridge) line.text += ", a bridge";
  if (session.more && session.more->will) line.text += ", with a will";
  if (session.more && !session.more->user_name.empty()) line.text += ", user '" + line.fields.back().second + "'";
  line.add("protocol", std::string(name_of(session.version)));
  line.add("keep_alive_s", std::to_string(session.keep_alive_s));
  line.add("session", resumed ? "resumed" : "new");
  line.add("expiry_s", std::to_string(session.expiry_s));
  write(state, line);
}

void tell_ended(proxy_state& state, std::uint32_t client, const ending& ending) {
  const auto severity = severity_of(state, client, ending);
  if (!admit(state, severity)) return;
  auto line = begin_line(state, client, severity, "client_disconnected");
  line.text += text_of(state, client, ending);
  line.add("cause", cause_of(ending));
  if (ending.cause != ended_by::network) line.add("reason_code", hex_of(ending.reason));
  line.add("connected_s", std::to_string(state.now_s() - state.sessions[client].connected_at_s));
  if (!ending.other.empty()) line.add("other", std::string(ending.other));
  write(state, line);
}

void tell_refused(proxy_state& state, std::uint32_t client, mqtt::reason_code reason, std::string_view why) {
  if (!admit(state, base::severity::warning)) return;
  auto line = begin_line(state, client, base::severity::warning, "client_refused");
  const auto& session = state.sessions[client];
  if (session.more && !session.more->user_name.empty()) line.text += "(user '" + line.fields.back().second + "') ";
  line.text += "was refused: " + why_closed(why, reason, state.limits);
  line.add("cause", "error:" + word_of(reason));
  line.add("reason_code", hex_of(reason));
  write(state, line);
}

bool is_first_refusal(proxy_state& state, std::uint32_t client, std::uint8_t kind) {
  auto& told = state.sessions[client].refusals_told;
  const bool is_first = (told & kind) == 0;
  told = static_cast<std::uint8_t>(told | kind);
  return is_first;
}

void tell_problem(proxy_state& state, std::uint32_t client, std::string_view event, std::string_view what) {
  if (!admit(state, base::severity::warning)) return;
  auto line = begin_line(state, client, base::severity::warning, event);
  line.text += what;
  write(state, line);
}

void tell_will_refused(proxy_state& state, const principal& owner, std::string_view topic) {
  if (!admit(state, base::severity::warning)) return;
  client_line line{base::severity::warning, "client_will_refused", {}, {}};
  const auto id = printable(owner.client_id);
  line.text = "client '" + id + "' may not publish its will to '" + printable(topic) + "': dropped";
  line.add("client", id);
  if (!owner.user_name.empty()) line.add("user", printable(owner.user_name));
  write(state, line);
}

void tell_left_out(proxy_state& state) {
  write_left_out(state, state.client_lines.take_due(state.now.monotonic));
}

void tell_all_left_out(proxy_state& state) {
  write_left_out(state, state.client_lines.take_all(state.now.monotonic));
}

}  // namespace headgate::proxy::gateway
