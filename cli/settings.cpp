#include "cli/settings.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <numeric>
#include <system_error>
#include <utility>

#include "net/tcp.hpp"

namespace headgate::cli {

namespace {

// One key: how it is written into the settings (false: refused), how it is shown, what it accepts, what it means.
struct entry {
  std::string key;
  std::function<bool(settings&, const std::string&)> set;
  std::function<std::string(const settings&)> show;
  std::string accepts;
  std::string help;
};

template <class Number>
entry number(std::string key, std::function<Number&(settings&)> member, std::uint64_t least, std::uint64_t most,
             std::string help) {
  const auto set = [=](settings& target, const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) return false;
    member(target) = static_cast<Number>(value);
    return true;
  };
  const auto show = [=](const settings& source) {
    settings copy = source;
    return std::to_string(member(copy));
  };
  return {std::move(key), set, show, "a whole number from " + std::to_string(least) + " to " + std::to_string(most),
          std::move(help)};
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
         target.bind = text;
         return true;
       },
       [](const settings& source) { return source.bind; }, "an IPv4 or IPv6 address", "address to listen on"},
      number<std::uint16_t>(
          "listeners.tcp.port", [](settings& s) -> std::uint16_t& { return s.port; }, 0, 65'535,
          "TCP port; 0 picks a free one"),
      {"listeners.tcp.anonymous",
       [](settings& target, const std::string& text) {
         if (text != "allow" && text != "refuse") return false;
         target.anonymous_allowed = text == "allow";
         return true;
       },
       [](const settings& source) { return std::string(source.anonymous_allowed ? "allow" : "refuse"); },
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

const std::vector<entry>& table() {
  static const auto entries = [] {
    auto all = listener_entries();
    auto limits = limit_entries();
    all.insert(all.end(), limits.begin(), limits.end());
    return all;
  }();
  return entries;
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

const entry& find(const std::string& key) {
  const auto& entries = table();
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const entry& entry) { return entry.key == key; });
  if (found != entries.end()) return *found;
  const auto nearest = std::min_element(entries.begin(), entries.end(), [&](const entry& a, const entry& b) {
    return distance(a.key, key) < distance(b.key, key);
  });
  throw settings_error("unknown key '" + key + "': did you mean '" + nearest->key + "'?");
}

}  // namespace

void assign(settings& settings, const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos) throw settings_error("'" + assignment + "' is not of the form KEY=VALUE");
  const auto key = assignment.substr(0, equals);
  const auto value = assignment.substr(equals + 1);
  const auto& entry = find(key);
  if (!entry.set(settings, value)) {
    throw settings_error("'" + value + "' is no value for " + key + ": it takes " + entry.accepts);
  }
}

void check(const settings& settings) {
  if (net::is_loopback(settings.bind) || settings.anonymous_allowed) return;
  throw settings_error("listeners.tcp.bind=" + settings.bind +
                       " is open to other machines, and there are no users yet: keep 127.0.0.1, or add "
                       "--set listeners.tcp.anonymous=allow to let anybody in");
}

std::vector<setting_line> describe(const settings& settings) {
  std::vector<setting_line> lines;
  for (const auto& entry : table())
    lines.push_back({entry.key, entry.show(settings), entry.help + " (" + entry.accepts + ")"});
  return lines;
}

}  // namespace headgate::cli
