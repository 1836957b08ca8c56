#include "config/settings.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <system_error>
#include <utility>

#include "net/tcp.hpp"
#include "shard-router/routing_key.hpp"

namespace headgate::config {

namespace {

// One key: how it is written into the settings (false: refused), how it is shown, what it accepts, what it means.
struct entry {
  std::string key;
  std::function<bool(settings&, const std::string&)> set;
  std::function<std::string(const settings&)> show;
  std::string accepts;
  std::string help;
};

// A key with a cluster's name in its middle: "clusters." NAME suffix.
struct cluster_key {
  std::string suffix;
  std::uint32_t shard_router::cluster::*member;
  std::uint64_t most;
  std::string help;
};

std::optional<std::uint64_t> parse_number(const std::string& text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) return std::nullopt;
  return value;
}

std::string number_range(std::uint64_t least, std::uint64_t most) {
  return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
}

template <class Number>
entry number(std::string key, std::function<Number&(settings&)> member, std::uint64_t least, std::uint64_t most,
             std::string help) {
  const auto set = [=](settings& target, const std::string& text) {
    const auto value = parse_number(text, least, most);
    if (value) member(target) = static_cast<Number>(*value);
    return value.has_value();
  };
  const auto show = [=](const settings& source) {
    settings copy = source;
    return std::to_string(member(copy));
  };
  return {std::move(key), set, show, number_range(least, most), std::move(help)};
}

bool is_address(const std::string& text) {
  try {
    (void)net::is_loopback(text);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

std::vector<entry> listener_entries() {
  return {
      {"listeners.tcp.bind",
       [](settings& target, const std::string& text) {
         if (!is_address(text)) return false;
         target.listeners.front().bind = text;
         return true;
       },
       [](const settings& source) { return source.listeners.front().bind; }, "an IPv4 or IPv6 address",
       "address to listen on"},
      number<std::uint16_t>(
          "listeners.tcp.port", [](settings& s) -> std::uint16_t& { return s.listeners.front().port; }, 0, 65'535,
          "TCP port; 0 picks a free one"),
      {"listeners.tcp.anonymous",
       [](settings& target, const std::string& text) {
         if (text != "allow" && text != "refuse") return false;
         target.listeners.front().anonymous_allowed = text == "allow";
         return true;
       },
       [](const settings& source) {
         return std::string(source.listeners.front().anonymous_allowed ? "allow" : "refuse");
       },
       "allow or refuse", "whether other machines may connect without a user name"},
  };
}

std::vector<entry> limit_entries() {
  constexpr std::uint64_t u32_max = std::numeric_limits<std::uint32_t>::max();
  return {
      number<std::uint32_t>(
          "limits.max_clients", [](settings & s) -> auto& { return s.limits.max_clients; }, 0, u32_max,
          "clients at once; 0: as many as open files allow"),
      number<std::uint32_t>(
          "limits.max_packet_bytes", [](settings & s) -> auto& { return s.limits.max_packet_bytes; }, 1024, 268'000'000,
          "largest packet taken from a client"),
      number<std::uint32_t>(
          "limits.max_output_bytes", [](settings & s) -> auto& { return s.limits.max_output_bytes; }, 1024, 1U << 30,
          "what may wait for a client that does not read"),
      number<std::uint16_t>(
          "limits.max_inflight", [](settings & s) -> auto& { return s.limits.max_inflight; }, 1, 32'000,
          "QoS 1 messages sent to a client and not acknowledged"),
      number<std::uint32_t>(
          "limits.max_subscriptions", [](settings & s) -> auto& { return s.limits.max_subscriptions; }, 1, u32_max,
          "filters a client may hold"),
      number<std::uint32_t>(
          "limits.topic_entries", [](settings & s) -> auto& { return s.limits.topic_entries; }, 1000, u32_max,
          "topics remembered for wildcard filters"),
      number<std::uint32_t>(
          "limits.connect_timeout_s", [](settings & s) -> auto& { return s.limits.connect_timeout_s; }, 1, 3600,
          "seconds from accept to CONNECT"),
      number<std::uint64_t>(
          "log.memory_bytes", [](settings & s) -> auto& { return s.limits.log_memory_bytes; }, 1U << 20, 1ULL << 40,
          "size of the in-memory log"),
  };
}

std::vector<entry> sharing_entries() {
  return {
      number<std::uint32_t>(
          "workers", [](settings & s) -> auto& { return s.workers; }, 0, 64,
          "threads that serve; 0: the machine's cores less one, at least 1"),
      number<std::uint32_t>(
          "routing.key_levels", [](settings & s) -> auto& { return s.key_levels; }, 0, shard_router::max_key_levels,
          "levels of a topic that choose its shard; 0: all of them"),
  };
}

// The keys of always; those of clusters are made for a name (entry_of).
const std::vector<entry>& table() {
  static const auto entries = [] {
    std::vector<entry> all;
    for (auto* part : {listener_entries, sharing_entries, limit_entries}) {
      for (auto& entry : part()) all.push_back(std::move(entry));
    }
    return all;
  }();
  return entries;
}

const std::string clusters_prefix = "clusters.";

const std::vector<cluster_key>& cluster_keys() {
  static const std::vector<cluster_key> keys = {
      {".shards", &shard_router::cluster::shards, shard_router::max_shards,
       "logs among which the cluster divides its topics"},
      {".weight", &shard_router::cluster::weight, shard_router::max_weight,
       "the cluster's part of all topics, beside the weights of the others"},
  };
  return keys;
}

// The cluster of that name, which is there afterwards.
shard_router::cluster& name_cluster(settings& settings, const std::string& name) {
  if (std::exchange(settings.clusters_are_default, false)) settings.clusters.clear();
  const auto found = std::ranges::find(settings.clusters, name, &shard_router::cluster::name);
  return found != settings.clusters.end() ? *found : settings.clusters.emplace_back(shard_router::cluster{name});
}

entry entry_of(const cluster_key& key, const std::string& name) {
  const auto set = [=](settings& target, const std::string& text) {
    const auto value = parse_number(text, 1, key.most);
    if (value) name_cluster(target, name).*key.member = static_cast<std::uint32_t>(*value);
    return value.has_value();
  };
  const auto show = [=](const settings& source) {
    return std::to_string(*std::ranges::find(source.clusters, name, &shard_router::cluster::name).*key.member);
  };
  return {clusters_prefix + name + key.suffix, set, show, number_range(1, key.most),
          key.help + "; another name than " + name + " adds a cluster"};
}

// What stands where the name of a cluster would: between the first dot and the last.
std::optional<std::string> name_in(const std::string& key) {
  const auto first = key.find('.');
  const auto last = key.rfind('.');
  if (first == last) return std::nullopt;
  return key.substr(first + 1, last - first - 1);
}

std::optional<entry> find_cluster_entry(const std::string& key) {
  const auto name = name_in(key);
  if (!name) return std::nullopt;
  for (const auto& cluster_key : cluster_keys()) {
    if (key != clusters_prefix + *name + cluster_key.suffix) continue;
    if (!shard_router::is_valid_cluster_name(*name))
      throw settings_error("'" + *name + "' in " + key +
                           " is no name: " + std::string(explain(shard_router::errc::cluster_name_invalid)));
    return entry_of(cluster_key, *name);
  }
  return std::nullopt;
}

// Levenshtein's distance, to name the key that was probably meant.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

std::string nearest_key(const std::string& key) {
  std::vector<std::string> keys;
  for (const auto& entry : table()) keys.push_back(entry.key);
  const auto name = name_in(key).value_or("");
  for (const auto& cluster_key : cluster_keys())
    keys.push_back(clusters_prefix + (shard_router::is_valid_cluster_name(name) ? name : "main") + cluster_key.suffix);
  return *std::ranges::min_element(keys, {}, [&](const std::string& known) { return distance(known, key); });
}

entry find(const std::string& key) {
  const auto found = std::ranges::find(table(), key, &entry::key);
  if (found != table().end()) return *found;
  if (auto entry = find_cluster_entry(key)) return *std::move(entry);
  throw settings_error("unknown key '" + key + "': did you mean '" + nearest_key(key) + "'?");
}

}  // namespace

void assign(settings& settings, const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos) throw settings_error("'" + assignment + "' is not of the form KEY=VALUE");
  const auto key = assignment.substr(0, equals);
  const auto value = assignment.substr(equals + 1);
  const auto entry = find(key);
  if (!entry.set(settings, value)) {
    throw settings_error("'" + value + "' is no value for " + key + ": it takes " + entry.accepts);
  }
}

void check(const settings& settings) {
  if (settings.clusters.size() > shard_router::max_clusters) {
    throw settings_error(std::to_string(settings.clusters.size()) +
                         " clusters are named: " + std::string(explain(shard_router::errc::too_many_clusters)));
  }
  const auto& listener = settings.listeners.front();
  if (net::is_loopback(listener.bind) || listener.anonymous_allowed) return;
  throw settings_error("listeners.tcp.bind=" + listener.bind +
                       " is open to other machines, and there are no users yet: keep 127.0.0.1, or add "
                       "--set listeners.tcp.anonymous=allow to let anybody in");
}

std::vector<setting_line> describe(const settings& settings) {
  std::vector<setting_line> lines;
  const auto add = [&](const entry& entry) {
    lines.push_back({entry.key, entry.show(settings), entry.help + " (" + entry.accepts + ")"});
  };
  for (const auto& entry : table()) add(entry);
  for (const auto& cluster : settings.clusters) {
    for (const auto& key : cluster_keys()) add(entry_of(key, cluster.name));
  }
  return lines;
}

}  // namespace headgate::config
