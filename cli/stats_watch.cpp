#include "cli/stats_watch.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <cstdio>
#include <initializer_list>

namespace headgate::cli {

namespace json = boost::json;

namespace {

double number(const json::object& section, const char* name) {
  const auto* value = section.if_contains(name);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

double sum(const json::object& stats, const char* section, std::initializer_list<const char*> names) {
  double total = 0;
  const auto* object = stats.if_contains(section);
  if (object == nullptr || !object->is_object()) return 0;
  for (const char* name : names) total += number(object->get_object(), name);
  return total;
}

double idle_ns(const json::object& stats) {
  double total = 0;
  for (const auto& worker : stats.at("workers").as_array()) total += number(worker.as_object(), "idle_ns");
  return total;
}

std::string digits(double value, int decimals) {
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::vector<std::string> watch_headings() {
  return {"clients",  "connects/s", "publishes/s", "deliveries/s", "in MB/s",
          "out MB/s", "dropped/s",  "waiting",     "behind",       "busy %"};
}

std::vector<std::string> watch_cells(const json::object& before, const json::object& now, double seconds) {
  const auto rate = [&](const char* section, std::initializer_list<const char*> names) {
    return std::max(0.0, sum(now, section, names) - sum(before, section, names)) / seconds;
  };
  const auto workers = static_cast<double>(now.at("workers").as_array().size());
  const double idle = (idle_ns(now) - idle_ns(before)) / 1e9 / seconds / std::max(1.0, workers);
  return {digits(sum(now, "gateway", {"clients"}), 0),
          digits(rate("gateway", {"connects"}), 0),
          digits(rate("gateway", {"publishes_in_qos0", "publishes_in_qos1", "publishes_in_qos2"}), 0),
          digits(rate("gateway", {"deliveries_out_qos0", "deliveries_out_qos1", "deliveries_out_qos2"}), 0),
          digits(rate("sockets", {"bytes_in"}) / 1e6, 2),
          digits(rate("sockets", {"bytes_out"}) / 1e6, 2),
          digits(rate("gateway", {"dropped_output_full", "dropped_too_large", "dropped_expired", "lost_inflight"}), 0),
          digits(sum(now, "gateway", {"sessions_waiting"}), 0),
          digits(sum(now, "gateway", {"sessions_behind"}), 0),
          digits(100 * std::clamp(1 - idle, 0.0, 1.0), 0)};
}

std::string watch_line(const std::vector<std::string>& cells) {
  const auto headings = watch_headings();
  std::string line;
  for (std::size_t n = 0; n < cells.size(); ++n) {
    const auto width = std::max<std::size_t>(headings[n].size(), 8);
    line.append(width - std::min(width, cells[n].size()) + (n == 0 ? 0 : 2), ' ');
    line += cells[n];
  }
  return line + "\n";
}

}  // namespace headgate::cli
