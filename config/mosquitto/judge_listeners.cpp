#include <algorithm>
#include <set>
#include <utility>

#include "config/mosquitto/neighbours.hpp"
#include "config/mosquitto/verdict.hpp"
#include "config/settings.hpp"

namespace headgate::config::mosquitto {

namespace {

constexpr auto loopback = "127.0.0.1";
const place whole_file;  // translate() puts its name in

bool is_address(const std::string& text) {
  try {
    settings settings;
    assign(settings, "listeners.tcp.bind=" + text);
    return true;
  } catch (const settings_error&) {
    return false;
  }
}

// By the check that a start makes, so that both are of one opinion.
bool is_loopback(const std::string& address) {
  try {
    settings settings;
    assign(settings, "listeners.tcp.bind=" + address);
    check(settings);
    return true;
  } catch (const settings_error&) {
    return false;
  }
}

// Without a listener, a port or an address in the file mosquitto 2 serves this machine only, and lets anybody in.
bool is_local_only(const draft& draft) {
  return draft.listeners.size() == 1 && !draft.listeners.front().is_addressed;
}

// The default listener may not be.
bool is_there(const draft& draft, const old_listener& listener) {
  return !listener.is_default || !listener.where.file.empty() || is_local_only(draft);
}

// Whether it lets in anybody on this machine: mosquitto looks at no allow_anonymous there but at the listener's own.
bool lets_this_machine_in(const draft& draft, const old_listener& listener) {
  return is_local_only(draft) && !listener.security.allow_anonymous;
}

struct rights {
  bool anonymous = false;
  std::string anonymous_at;
  std::optional<place> decided_by;
  std::optional<option_line> password_file, acl_file, plugin;
};

rights rights_of(const draft& draft, const old_listener& listener) {
  const auto& own = listener.security;
  const auto& of_all = draft.security;
  rights rights;
  const auto& decides = draft.per_listener_settings || own.allow_anonymous ? own : of_all;
  const bool asks_nobody = lets_this_machine_in(draft, listener);
  rights.anonymous = asks_nobody || decides.allow_anonymous.value_or(false);
  rights.decided_by = decides.anonymous_at;
  if (asks_nobody) {
    rights.anonymous_at = "no line opens a listener: mosquitto lets anybody on this machine in";
  } else if (decides.anonymous_at) {
    rights.anonymous_at =
        to_string(*decides.anonymous_at) + ": allow_anonymous " + (*decides.allow_anonymous ? "true" : "false");
  } else {
    rights.anonymous_at = "allow_anonymous is false where no line sets it";
  }
  // Those of all count with per_listener_settings too: mosquitto may not look at them, but somebody wanted them.
  const auto either = [](const auto& a, const auto& b) { return a ? a : b; };
  rights.password_file = either(own.password_file, of_all.password_file);
  rights.acl_file = either(own.acl_file, of_all.acl_file);
  rights.plugin = either(own.plugin, of_all.plugin);
  return rights;
}

std::string bind_of(const old_listener& listener) {
  if (listener.is_default && !listener.is_addressed) return loopback;
  if (listener.host.empty()) return "0.0.0.0";
  if (listener.host == "localhost") return loopback;
  return listener.host;
}

// Why Headgate would let in whom mosquitto does not.
std::vector<obstacle> obstacles_of(const draft& draft, const old_listener& listener, const rights& rights) {
  auto all = listener.obstacles;
  // What to do about these helps only where nothing else keeps the listener out.
  const auto add = [&all, alone = all.empty()](place where, std::string kind, std::string why, std::string by_hand) {
    all.push_back({std::move(where), std::move(kind), std::move(why), alone ? std::move(by_hand) : ""});
  };
  if (!rights.anonymous) {
    add(listener.where.file.empty() ? *rights.decided_by : listener.where, "users",
        "it asks for user names (" + rights.anonymous_at +
            "), and Headgate cannot check them yet: it would let in anybody who reaches it",
        "if everybody who can reach it may come in without a password, take the '#' away from its lines in the YAML; "
        "on an address of the network it also needs anonymous: allow");
  }
  if (rights.acl_file) {
    add(rights.acl_file->where, "acl", "the rights of " + printable(rights.acl_file->value) + " applied to it",
        "if its clients may publish and subscribe to everything, take the '#' away from its lines in the YAML");
  }
  if (rights.plugin) add(rights.plugin->where, "plugin", "a plugin may have decided over its clients", "");
  if (draft.clientid_prefixes)
    add(draft.clientid_prefixes->where, "prefixes", "clientid_prefixes chose its clients", "");
  if (listener.unix_path.empty() && !is_address(bind_of(listener))) {
    add(listener.where, "name", "'" + printable(listener.host) + "' is a name, and Headgate listens on addresses",
        "put the address of that name into bind ('getent hosts " + printable(listener.host) + "' says it)");
  }
  return all;
}

std::string title(const old_listener& listener) {
  if (!listener.unix_path.empty()) return "listener 0 " + printable(listener.unix_path);
  auto text = (listener.is_default ? "default listener, port " : "listener ") + std::to_string(listener.port);
  if (!listener.host.empty()) text += " " + printable(listener.host);
  return text;
}

std::string kind(const old_listener& listener) {
  if (!listener.unix_path.empty()) return "unix";
  if (listener.websockets) return listener.tls ? "wss" : "ws";
  return listener.tls ? "tls" : "tcp";
}

// tcp, then tcp_1884, then tcp_1884_2: names that keys can hold.
std::string name_for(const old_listener& listener, std::set<std::string>& taken) {
  auto name = kind(listener);
  if (taken.contains(name)) name += "_" + std::to_string(listener.port);
  const auto base = name;
  for (int n = 2; taken.contains(name); ++n) name = base + "_" + std::to_string(n);
  taken.insert(name);
  return name;
}

finding left_out(const old_listener& listener, const std::vector<obstacle>& obstacles, const std::string& name) {
  const auto& where = listener.where.file.empty() ? obstacles.front().where : listener.where;
  finding finding{fate::changes_behaviour, where, title(listener), "LEFT OUT", ""};
  for (const auto& obstacle : obstacles) {
    finding.what += (&obstacle == obstacles.data() ? ": " : "; ") + obstacle.why;
    if (obstacle.where != where) finding.what += " (" + to_string(obstacle.where) + ")";
    if (!obstacle.by_hand.empty()) finding.by_hand += (finding.by_hand.empty() ? "" : "\n") + obstacle.by_hand;
  }
  if (listener.unix_path.empty()) finding.what += ". It stands in the YAML as a comment, '" + name + "'";
  return finding;
}

struct judge {
  const mosquitto::draft& draft;
  mosquitto::verdict verdict;
  std::set<std::string> names;
  neighbours served;

  void say(fate fate, const old_listener& listener, std::string what, std::string by_hand = "") {
    verdict.findings.push_back({fate, listener.where, title(listener), std::move(what), std::move(by_hand)});
  }

  void decide(const old_listener& listener) {
    const auto rights = rights_of(draft, listener);
    auto obstacles = obstacles_of(draft, listener, rights);
    const auto origin = static_cast<std::size_t>(&listener - draft.listeners.data());
    new_listener decided;
    decided.name = name_for(listener, names);
    decided.origin = origin;
    decided.bind = bind_of(listener);
    decided.port = listener.port;
    decided.comment = (listener.where.file.empty() ? "" : to_string(listener.where) + ": ") + title(listener);
    if (obstacles.empty()) {
      if (const auto why = served.add(decided)) obstacles.push_back({listener.where, "neighbours", *why, ""});
    }
    if (!obstacles.empty()) {
      for (const auto& obstacle : obstacles) decided.left_out_for.push_back(obstacle.why);
      if (!is_address(decided.bind)) decided.bind = "ADDRESS";
      verdict.findings.push_back(left_out(listener, obstacles, decided.name));
      if (listener.unix_path.empty()) verdict.listeners.push_back(decided);
      return;
    }
    if (!is_loopback(decided.bind)) {
      decided.anonymous_allowed = true;
      decided.anonymous_comment = rights.anonymous_at;
    }
    describe(listener, decided, rights);
    verdict.listeners.push_back(decided);
  }

  void describe(const old_listener& listener, const new_listener& decided, const rights& rights) {
    const auto key = "listeners." + decided.name;
    const auto where = decided.bind + ":" + std::to_string(decided.port);
    if (listener.where.file.empty()) {
      verdict.findings.push_back({fate::same_by_default, whole_file, "listeners",
                                  "no line opens one, and so both serve this machine only, on port 1883, and let "
                                  "anybody on it in (Headgate on 127.0.0.1, mosquitto on ::1 as well)",
                                  ""});
      return;
    }
    say(fate::translated, listener,
        key + ", on " + where + (decided.anonymous_allowed ? ", anonymous: allow (" + rights.anonymous_at + ")" : ""));
    if (!listener.is_addressed) {
      say(fate::changes_behaviour, listener,
          "the file sets no address and no port, but an option of mosquitto's default listener, which would open port "
          "1883 to everybody: Headgate listens on 127.0.0.1",
          "if other machines connect, set bind: 0.0.0.0 and anonymous: allow");
    } else if (listener.host.empty()) {
      say(fate::changes_behaviour, listener, "mosquitto takes IPv6 as well on this port, and 0.0.0.0 is IPv4 only",
          "if clients come over IPv6: a second listener with bind: \"::\", port: " + std::to_string(listener.port) +
              " and anonymous: allow, on a machine that has IPv6");
    } else if (listener.host == "localhost") {
      say(fate::changes_behaviour, listener, "localhost became 127.0.0.1: mosquitto takes ::1 as well",
          "if a client insists on ::1, add a listener with bind: \"::1\"");
    }
  }
};

void describe_anonymous(const draft& draft, verdict& verdict) {
  const bool decides = !lets_this_machine_in(draft, draft.listeners.front());
  for (const auto& line : draft.anonymous_lines) {
    verdict.findings.push_back({decides ? fate::translated : fate::same_by_default, line.where, line.name,
                                decides ? "it decided which listeners may stay: see there"
                                        : "without a listener it decides nothing: both let in who is on this machine",
                                ""});
  }
}

void add_one_for_trying(const draft& draft, verdict& verdict) {
  std::set<std::uint16_t> used;
  for (const auto& listener : draft.listeners) {
    if (is_there(draft, listener)) used.insert(listener.port);
  }
  const auto port = unused_port(used);
  const auto why = "no listener of the old file can be served as it was";
  verdict.listeners.push_back(
      {"local", 0, loopback, port, false, std::string(why) + ": this one is for trying things out", "", {}});
  verdict.findings.push_back({fate::changes_behaviour, whole_file, "listeners",
                              std::string(why) + ": the YAML has one of its own, on 127.0.0.1:" + std::to_string(port) +
                                  ", which only this machine reaches and no old client uses",
                              "look through the listeners left out, above, and put back those that may be open"});
}

}  // namespace

std::uint16_t unused_port(const std::set<std::uint16_t>& used, std::uint16_t from) {
  auto port = from;
  while (used.contains(port)) ++port;
  return port;
}

verdict judge_listeners(const draft& draft) {
  judge judge{draft, {}, {}, {}};
  for (const auto& listener : draft.listeners) {
    if (is_there(draft, listener)) judge.decide(listener);
  }
  describe_anonymous(draft, judge.verdict);
  auto& listeners = judge.verdict.listeners;
  const auto is_served = [](const new_listener& one) { return one.left_out_for.empty(); };
  if (std::ranges::none_of(listeners, is_served)) add_one_for_trying(draft, judge.verdict);
  return std::move(judge.verdict);
}

}  // namespace headgate::config::mosquitto
