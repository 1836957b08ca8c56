#include "cli/stats_command.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "cli/admin_options.hpp"
#include "cli/stats_watch.hpp"
#include "cli/table.hpp"

namespace headgate::cli {

namespace json = boost::json;

namespace {

// So many lines of a watch, then its headings again.
constexpr std::uint32_t lines_a_screen = 20;

struct stats_options {
  admin_options admin;
  double watch_s = 0;       // 0: once
  std::uint32_t count = 0;  // 0: for ever
};

// One line a counter: "gateway.connects 41". Of latencies their count and mean, since a list of buckets says little.
void add_rows(table& rows, const std::string& prefix, const json::object& object) {
  for (const auto& [name, value] : object) {
    const auto path = prefix.empty() ? std::string(name) : prefix + "." + std::string(name);
    if (value.is_object()) {
      add_rows(rows, path, value.get_object());
    } else if (value.is_array()) {
      if (name == "buckets") continue;
      std::size_t n = 0;
      for (const auto& item : value.get_array()) {
        const auto number = path + "." + std::to_string(n++);
        if (item.is_object()) {
          add_rows(rows, number, item.get_object());
        } else {
          rows.add({number, item.is_string() ? std::string(item.get_string()) : json::serialize(item)});
        }
      }
    } else {
      rows.add({path, cell(object, name)});
    }
  }
}

json::object ask(const admin_options& options) {
  return object_of(client_of(options).get("/api/v1/stats"));
}

int once(const stats_options& options) {
  const auto stats = ask(options.admin);
  if (options.admin.json) {
    print(json::serialize(stats) + "\n");
    return done;
  }
  table rows({"COUNTER", "VALUE"});
  add_rows(rows, "", stats);
  print(rows.text(output_is_terminal()));
  return done;
}

int watch(const stats_options& options) {
  using clock = std::chrono::steady_clock;
  const auto interval = std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(options.watch_s));
  auto before = ask(options.admin);
  auto asked = clock::now();
  for (std::uint32_t line = 0; options.count == 0 || line < options.count; ++line) {
    std::this_thread::sleep_until(asked + interval);
    const auto now = clock::now();
    auto stats = ask(options.admin);
    if (options.admin.json) {
      print(json::serialize(stats) + "\n");
    } else {
      if (line % lines_a_screen == 0) print(watch_line(watch_headings()));
      print(watch_line(watch_cells(before, stats, std::chrono::duration<double>(now - asked).count())));
    }
    std::fflush(stdout);
    before = std::move(stats);
    asked = now;
  }
  return done;
}

}  // namespace

void add_stats_command(CLI::App& app, command_line& line) {
  const auto options = std::make_shared<stats_options>();
  auto* command = app.add_subcommand("stats", "Prints the counters of a running headgate");
  add_admin_options(*command, options->admin);
  auto* watching = command->add_option("--watch", options->watch_s, "Prints a line of rates each so many seconds")
                       ->check(CLI::Range(0.1, 3600.0));
  command->add_option("--count", options->count, "How many of these lines; 0: until it is stopped")->needs(watching);
  command->footer("Example: headgate stats --watch 1 --count 60");
  command->callback(
      [options, &line] { line.run = [options] { return options->watch_s > 0 ? watch(*options) : once(*options); }; });
}

}  // namespace headgate::cli
