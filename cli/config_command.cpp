#include "cli/config_command.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>

#include "cli/setting_options.hpp"
#include "config/load.hpp"
#include "config/pages.hpp"

namespace headgate::cli {

namespace {

struct show_options : setting_options {
  bool changed = false;
};

// Throws if not all of it is written: nobody shall take half a page for a whole one.
void print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) throw std::runtime_error("standard output takes no more: " + std::generic_category().message(errno));
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

int show(const show_options& options) {
  const auto loaded = config::load(sources_of(options));
  const auto lines = config::describe(loaded.settings);
  std::size_t width = 0;
  std::string page;
  for (const auto& line : lines) width = std::max(width, line.key.size());
  for (const auto& line : lines) {
    const auto origin = loaded.origins.find(line.key);
    if (options.changed && origin == loaded.origins.end()) continue;
    const auto set_by = origin == loaded.origins.end() ? "" : "set by " + origin->second + ". ";
    page += padded(line.key, width) + " = " + padded(line.value, 12) + "  # " + set_by + line.help + "\n";
  }
  print(page);
  return done;
}

// Everything that can be wrong before the server runs is what load() throws.
int check(const setting_options& options) {
  const auto loaded = config::load(sources_of(options));
  const auto count = loaded.origins.size();
  const auto what = loaded.file.empty() ? "the configuration without a file" : loaded.file;
  print(what + " is good: " + std::to_string(count) + (count == 1 ? " key is" : " keys are") +
        " set, with those of the environment and --set; the others have their defaults\n");
  return done;
}

CLI::App* add_part(CLI::App& command, command_line& line, const std::string& name, const std::string& help,
                   const std::function<int()>& run) {
  auto* part = command.add_subcommand(name, help);
  part->callback([run, &line] { line.run = run; });
  return part;
}

int print_page(const std::string& page) {
  print(page);
  return done;
}

}  // namespace

void add_config_command(CLI::App& app, command_line& line) {
  auto* command = app.add_subcommand("config", "Shows and checks the configuration");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  headgate config init > headgate.yaml\n"
      "  headgate config check --config headgate.yaml\n"
      "  headgate config show --changed --config headgate.yaml");

  const auto shown = std::make_shared<show_options>();
  auto* show_part =
      add_part(*command, line, "show", "Prints every key with its value, what has set it, and its meaning",
               [shown] { return show(*shown); });
  add_setting_options(*show_part, *shown);
  show_part->add_flag("--changed", shown->changed, "Only the keys that something has set");

  const auto checked = std::make_shared<setting_options>();
  auto* check_part = add_part(*command, line, "check", "Says what is wrong with the configuration, or that it is good",
                              [checked] { return check(*checked); });
  add_setting_options(*check_part, *checked);

  add_part(*command, line, "init", "Prints a configuration file with all keys, their defaults and comments",
           [] { return print_page(config::example_file()); });
  add_part(*command, line, "reference", "Prints the reference of all keys in Markdown (docs/configuration.md)",
           [] { return print_page(config::reference_page()); });
}

}  // namespace headgate::cli
