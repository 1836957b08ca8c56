#include "cli/config_command.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace headgate::cli {

void add_config_command(CLI::App& app, command_line& line) {
  const auto assignments = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand("config", "About the configuration");
  command->require_subcommand(1);
  auto* show = command->add_subcommand("show", "Prints every key with its value and what it means");
  show->add_option("--set", *assignments, "Sets KEY=VALUE first");
  show->callback([assignments, &line] {
    line.run = [assignments] {
      config::settings settings;
      for (const auto& assignment : *assignments) config::assign(settings, assignment);
      for (const auto& setting : config::describe(settings)) {
        std::printf("%-28s = %-12s  # %s\n", setting.key.c_str(), setting.value.c_str(), setting.help.c_str());
      }
      return done;
    };
  });
}

}  // namespace headgate::cli
