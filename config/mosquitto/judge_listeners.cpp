#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "config/mosquitto/neighbours.hpp"
#include "config/mosquitto/rights.hpp"
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

// The default listener may not be.
bool is_there(const draft& draft, const old_listener& listener) {
  return !listener.is_default || !listener.where.file.empty() || is_local_only(draft);
}

std::string bind_of(const old_listener& listener) {
  if (listener.is_default && !listener.is_addressed) return loopback;
  if (listener.host.empty()) return "0.0.0.0";
  if (listener.host == "localhost") return loopback;
  return listener.host;
}

// Whether somebody with a name could come in: Headgate knows the users of one file, and certificates.
bool can_tell_who_asks(const old_listener& listener, const rights& rights) {
  return rights.anonymous || rights.has_users || takes_names_of_certificates(listener);
}

// Why Headgate would let in whom mosquitto does not, but for the files that all listeners share.
std::vector<obstacle> obstacles_of(const draft& draft, const old_listener& listener, const rights& rights) {
  auto all = listener.obstacles;
  std::ranges::move(tls_obstacles(listener), std::back_inserter(all));
  // What to do about these helps only where nothing else keeps the listener out.
  const auto add = [&all, alone = all.empty()](place where, std::string kind, std::string why, std::string by_hand) {
    all.push_back({std::move(where), std::move(kind), std::move(why), alone ? std::move(by_hand) : ""});
  };
  if (!can_tell_who_asks(listener, rights)) {
    add(listener.where.file.empty() ? *rights.decided_by : listener.where, "users",
        "it asks for user names (" + rights.anonymous_at +
            "), and no password_file says which: mosquitto lets nobody in",
        "name users in a file ('headgate passwd add NAME --file FILE' writes one), set auth.password_file to it and "
        "take the '#' away "
        "from its lines in the YAML; if everybody who can reach it may come in without a password, make "
        "anonymous: refuse to anonymous: allow there");
  }
  for (const auto& file : {rights.password_file, rights.acl_file}) {
    if (!file || printable(file->value) == file->value) continue;
    add(file->where, "file name", file->name + " has letters that no configuration of Headgate can hold",
        "give the file another name");
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

bool differ(const std::optional<option_line>& own, const std::optional<option_line>& shared) {
  return own && shared && own->value != shared->value;
}

// The files of the first listeners that can be served with them. Others with another file are left out.
shared_files choose_files(const draft& draft) {
  shared_files files;
  std::vector<rights> candidates;
  for (const auto& listener : draft.listeners) {
    if (!is_there(draft, listener)) continue;
    const auto rights = rights_of(draft, listener);
    if (obstacles_of(draft, listener, rights).empty()) candidates.push_back(rights);
  }
  for (const auto& rights : candidates) {
    if (!files.users) files.users = rights.password_file;
  }
  for (const auto& rights : candidates) {
    if (!files.rights && !differ(rights.password_file, files.users)) files.rights = rights.acl_file;
  }
  return files;
}

void add_other_files(std::vector<obstacle>& all, const rights& rights, const shared_files& files) {
  if (differ(rights.password_file, files.users)) {
    all.push_back({rights.password_file->where, "other users",
                   "its users are in " + printable(rights.password_file->value) +
                       ", and Headgate has one file for all listeners, " + printable(files.users->value),
                   "if the users of both files may come in at both listeners, and no name is in both: write them into "
                   "one file, then put the listener back; otherwise run a second Headgate for it"});
  }
  if (differ(rights.acl_file, files.rights)) {
    all.push_back({rights.acl_file->where, "other rights",
                   "its rights are in " + printable(rights.acl_file->value) +
                       ", and Headgate has one file for all listeners, " + printable(files.rights->value),
                   "if the rights of both files may hold at both listeners: write them into one file, then put the "
                   "listener back; otherwise run a second Headgate for it"});
  }
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

std::string word_about_strangers(const new_listener& listener) {
  if (!listener.anonymous) return "";
  return std::string(", anonymous: ") + (*listener.anonymous ? "allow" : "refuse") + " (" + listener.anonymous_comment +
         ")";
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
    add_other_files(obstacles, rights, verdict.files);
    const auto origin = static_cast<std::size_t>(&listener - draft.listeners.data());
    new_listener decided;
    decided.name = name_for(listener, names);
    decided.origin = origin;
    decided.bind = bind_of(listener);
    decided.port = listener.port;
    decided.keys = tls_keys(listener);
    decided.anonymous_comment = rights.anonymous_at;
    decided.comment = (listener.where.file.empty() ? "" : to_string(listener.where) + ": ") + title(listener);
    if (obstacles.empty()) {
      if (const auto why = served.add(decided)) obstacles.push_back({listener.where, "neighbours", *why, ""});
    }
    if (!obstacles.empty()) {
      for (const auto& obstacle : obstacles) decided.left_out_for.push_back(obstacle.why);
      if (!is_address(decided.bind)) decided.bind = "ADDRESS";
      if (!rights.anonymous) decided.anonymous = false;
      verdict.findings.push_back(left_out(listener, obstacles, decided.name));
      if (listener.unix_path.empty()) verdict.listeners.push_back(decided);
      return;
    }
    if (takes_names_of_certificates(listener)) {
      decided.anonymous = false;
      decided.anonymous_comment = "certificates say who asks";
    } else if (!rights.anonymous || !is_loopback(decided.bind) || verdict.files.users) {
      decided.anonymous = rights.anonymous;
    }
    describe(listener, decided, rights);
    describe_files(listener, rights);
    std::ranges::move(tls_findings(listener), std::back_inserter(verdict.findings));
    verdict.listeners.push_back(decided);
  }

  // Where Headgate is stricter than mosquitto was, since its files are for all listeners.
  void describe_files(const old_listener& listener, const rights& rights) {
    const auto& [users, of_rights] = verdict.files;
    if (users && !rights.password_file && !takes_names_of_certificates(listener)) {
      say(fate::changes_behaviour, listener,
          "who gives a user name there needs its password in " + printable(users->value) + ", and mosquitto took any",
          "let its clients give none, or the names and passwords of that file");
    }
    if (of_rights && !rights.acl_file) {
      say(fate::changes_behaviour, listener,
          "the rights in " + printable(of_rights->value) +
              " hold for its clients too, and mosquitto let them do everything",
          "give them rights in that file: lines 'topic' before the first 'user' are for who has no user name");
    }
  }

  void describe(const old_listener& listener, const new_listener& decided, const rights& rights) {
    const auto key = "listeners." + decided.name;
    const auto where = decided.bind + ":" + std::to_string(decided.port);
    if (listener.where.file.empty()) {
      const bool asks = decided.anonymous == std::optional(false);
      verdict.findings.push_back({fate::same_by_default, whole_file, "listeners",
                                  "no line opens one, and so both serve this machine only, on port 1883 (Headgate on "
                                  "127.0.0.1, mosquitto on ::1 as well)" +
                                      std::string(asks ? "" : ", and let anybody on it in"),
                                  ""});
      return;
    }
    say(fate::translated, listener,
        key + ", on " + where + (listener.tls ? ", with TLS" : "") + word_about_strangers(decided),
        listener.tls ? "let whoever runs Headgate read the files of its certificates, the key among them" : "");
    if (!listener.is_addressed) {
      say(fate::changes_behaviour, listener,
          "the file sets no address and no port, but an option of mosquitto's default listener, which would open port "
          "1883 to everybody: Headgate listens on 127.0.0.1",
          rights.anonymous ? "if other machines connect, set bind: 0.0.0.0 and anonymous: allow"
                           : "if other machines connect, set bind: 0.0.0.0");
    } else if (listener.host.empty()) {
      say(fate::changes_behaviour, listener, "mosquitto takes IPv6 as well on this port, and 0.0.0.0 is IPv4 only",
          "if clients come over IPv6: a second listener with bind: \"::\", port: " + std::to_string(listener.port) +
              (rights.anonymous ? " and anonymous: allow" : " and the same keys besides") +
              ", on a machine that has IPv6");
    } else if (listener.host == "localhost") {
      say(fate::changes_behaviour, listener, "localhost became 127.0.0.1: mosquitto takes ::1 as well",
          "if a client insists on ::1, add a listener with bind: \"::1\"");
    }
  }
};

void describe_anonymous(const draft& draft, verdict& verdict) {
  const auto& first = draft.listeners.front();
  const bool is_stricter = is_stricter_than_mosquitto(draft, first);
  const bool decides = !lets_this_machine_in(draft, first);
  for (const auto& line : draft.anonymous_lines) {
    finding finding{fate::translated, line.where, line.name, "it decided who comes in: see the listeners", ""};
    if (is_stricter) {
      finding.fate = fate::changes_behaviour;
      finding.what =
          "without a listener mosquitto does not look at it, and lets in who gives no user name; Headgate "
          "refuses him, as the line says";
    } else if (!decides) {
      finding.fate = fate::same_by_default;
      finding.what = "without a listener it decides nothing: both let in who is on this machine";
    }
    verdict.findings.push_back(std::move(finding));
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
      {"local", 0, loopback, port, std::nullopt, {}, std::string(why) + ": this one is for trying things out", "", {}});
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
  judge.verdict.files = choose_files(draft);
  for (const auto& listener : draft.listeners) {
    if (is_there(draft, listener)) {
      judge.decide(listener);
    } else {
      std::ranges::move(tls_findings(listener), std::back_inserter(judge.verdict.findings));
    }
  }
  describe_anonymous(draft, judge.verdict);
  auto& listeners = judge.verdict.listeners;
  const auto is_served = [](const new_listener& one) { return one.left_out_for.empty(); };
  if (std::ranges::none_of(listeners, is_served)) add_one_for_trying(draft, judge.verdict);
  return std::move(judge.verdict);
}

}  // namespace headgate::config::mosquitto
