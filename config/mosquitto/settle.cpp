#include <algorithm>
#include <array>

#include "config/mosquitto/neighbours.hpp"
#include "config/mosquitto/verdict.hpp"

namespace headgate::config::mosquitto {

namespace {

constexpr std::int64_t least_packet_bytes = 1024;  // of limits.max_packet_bytes
constexpr std::int64_t most_packet_bytes = 268'000'000;
constexpr std::int64_t most_clients = 0xffff'ffff;  // of limits.max_clients
// What a PUBLISH holds besides its payload: fixed header, topic, packet id, and a few properties.
constexpr std::int64_t around_payload = 5 + 2 + 65'535 + 2 + 4096;

void settle_packet_size(draft& draft) {
  const auto& size = draft.max_packet_size;
  const auto& limit = draft.message_size_limit;
  const bool is_limited = limit && number_of(*limit) > 0;
  if (limit && !is_limited) {
    add_finding(
        draft, fate::changes_behaviour, *limit,
        "mosquitto takes messages of any size, Headgate packets up to limits.max_packet_bytes (1 MiB if not set)",
        "if there are larger ones: limits.max_packet_bytes, up to 268000000");
  }
  const auto clamp = [](std::int64_t bytes) {
    return std::to_string(std::clamp(bytes, least_packet_bytes, most_packet_bytes));
  };
  const auto for_limit = is_limited ? std::min(number_of(*limit), most_packet_bytes) + around_payload : 0;
  if (size && (!is_limited || number_of(*size) <= for_limit)) {
    add_setting(draft, *size, "limits.max_packet_bytes", clamp(number_of(*size)),
                number_of(*size) < least_packet_bytes ? ", the least there is" : "");
    if (is_limited)
      add_finding(draft, fate::changes_behaviour, *limit,
                  "Headgate has one limit, of the whole packet: see max_packet_size");
  } else if (is_limited) {
    add_setting(draft, *limit, "limits.max_packet_bytes", clamp(for_limit), ", with room for topic and properties");
    add_finding(
        draft, fate::changes_behaviour, *limit,
        "mosquitto drops a message that is too large and goes on; Headgate closes the connection, with the reason "
        "for MQTT 5",
        "see that no client sends larger ones");
    if (size) add_finding(draft, fate::harmless, *size, "message_size_limit is the lower one");
  }
}

bool is_served(const new_listener& one) {
  return one.left_out_for.empty();
}

// Headgate has one limit for all listeners: theirs together, if each that stays has one.
void settle_clients(draft& draft, const std::vector<new_listener>& listeners) {
  std::int64_t sum = 0;
  bool all_bounded = true;
  std::vector<option_line> bounds;
  for (const auto& one : listeners) {
    const auto& bound = draft.listeners[one.origin].max_connections;
    if (!is_served(one) || one.name == "local") continue;
    all_bounded = all_bounded && bound && number_of(*bound) > 0;
    if (!all_bounded) continue;
    sum = std::min(most_clients, sum + std::min(number_of(*bound), most_clients));
    bounds.push_back(*bound);
  }
  const auto& global = draft.global_max_connections;
  const bool global_decides =
      global && number_of(*global) > 0 && (bounds.empty() || !all_bounded || number_of(*global) <= sum);
  constexpr auto key = "limits.max_clients";
  constexpr auto note = ", if the limit of open files allows so many";
  if (global_decides) {
    add_setting(draft, *global, key, std::to_string(std::min(number_of(*global), most_clients)), note);
  } else if (all_bounded && !bounds.empty()) {
    add_setting(draft, bounds.back(), key, std::to_string(sum),
                bounds.size() > 1 ? ", those of " + std::to_string(bounds.size()) + " listeners together" : note);
  }
  if (global && !global_decides) {
    const bool bounded = number_of(*global) > 0;
    add_finding(draft, bounded ? fate::harmless : fate::same_by_default, *global,
                bounded ? "its listeners together have a lower bound" : "as many as open files allow");
  }
  for (const auto& listener : draft.listeners) {
    const auto& bound = listener.max_connections;
    if (!bound) continue;
    const bool is_told = !global_decides && all_bounded && !bounds.empty() && bounds.back().where == bound->where;
    if (is_told) continue;
    if (number_of(*bound) <= 0) {
      add_finding(draft, fate::same_by_default, *bound, "as many as open files allow");
    } else {
      add_finding(draft, fate::changes_behaviour, *bound,
                  "Headgate limits clients of all listeners together, not those of one: limits.max_clients");
    }
  }
}

}  // namespace

void settle_admin(draft& draft, const std::vector<new_listener>& listeners) {
  neighbours served;
  std::set<std::uint16_t> used;
  for (const auto& one : listeners) {
    used.insert(one.port);
    if (is_served(one)) (void)served.add(one);
  }
  const auto name = served.in_the_way_of_admin();
  if (name.empty()) return;
  const auto& taken = *std::ranges::find(listeners, name, &new_listener::name);
  const auto usual = settings().admin.port;
  const auto port = std::to_string(unused_port(used, usual));
  draft.settings["admin.port"] = {port, "listeners." + name + " has the usual one, " + std::to_string(usual)};
  draft.findings.push_back(
      {fate::changes_behaviour, draft.listeners[taken.origin].where, "admin.port",
       port + ", since listeners." + name + " has the usual port of the admin listener, " + std::to_string(usual),
       "tell headgate client, topic and stats, and whoever asks for metrics: --admin 127.0.0.1:" + port});
}

void settle_limits(draft& draft, const std::vector<new_listener>& listeners) {
  settle_packet_size(draft);
  settle_clients(draft, listeners);
}

// mosquitto adds the types of several lines up; "none" forgets those before it. Headgate has a least severity.
void settle_logging(draft& draft) {
  if (draft.log_types.empty()) return;
  enum level { nothing, error, warning, info };
  level wanted = nothing;
  for (const auto& line : draft.log_types) {
    const auto type = first_word(line.value);
    if (type == "none") {
      wanted = nothing;
    } else {
      wanted = std::max(wanted, type == "error" ? error : type == "warning" ? warning : info);
    }
    const bool finer = type == "debug" || type == "subscribe" || type == "unsubscribe" || type == "all";
    if (finer) {
      add_finding(draft, fate::changes_behaviour, line,
                  "Headgate writes no lines about single messages, packets or subscriptions",
                  "to watch one client: headgate client show; to watch topics: mosquitto_sub -v");
    }
  }
  constexpr std::array names = {"error", "error", "warning", "info"};
  const auto& last = draft.log_types.back();
  const auto note = wanted == nothing ? std::string(", the least there is") : std::string();
  for (const auto& line : draft.log_types) {
    if (line.where == last.where) continue;
    add_finding(draft, fate::translated, line, "logging.level: " + std::string(names[wanted]));
  }
  add_setting(draft, last, "logging.level", names[wanted], note);
}

}  // namespace headgate::config::mosquitto
