#include "cli/serve_command.hpp"

#include <memory>
#include <string>
#include <vector>

#include "cli/serve.hpp"
#include "config/settings.hpp"

namespace headgate::cli {

void add_serve_command(CLI::App& app, command_line& line) {
  const auto assignments = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand(
      "serve",
      "Starts the gateway in the foreground, on 127.0.0.1:1883 unless set otherwise. SIGTERM and Ctrl-C end it, "
      "SIGUSR1 prints the counters");
  command->add_option("--set", *assignments, "Sets KEY=VALUE; may come again; 'headgate config show' lists the keys");
  command->callback([assignments, &line] {
    line.run = [assignments] {
      config::settings settings;
      for (const auto& assignment : *assignments) config::assign(settings, assignment);
      return serve(settings);
    };
  });
}

}  // namespace headgate::cli
