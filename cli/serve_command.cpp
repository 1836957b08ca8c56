#include "cli/serve_command.hpp"

#include <memory>

#include "cli/serve.hpp"
#include "cli/setting_options.hpp"

namespace headgate::cli {

void add_serve_command(CLI::App& app, command_line& line) {
  const auto options = std::make_shared<setting_options>();
  auto* command = app.add_subcommand(
      "serve",
      "Starts the gateway in the foreground, on 127.0.0.1:1883 unless set otherwise. SIGTERM and Ctrl-C end it, "
      "SIGHUP reads the settings again, SIGUSR1 prints the counters");
  add_setting_options(*command, *options);
  command->footer(
      "Examples:\n"
      "  headgate serve\n"
      "  headgate serve --config headgate.yaml\n"
      "  headgate serve --set listeners.tcp.port=1884 --set workers=2\n"
      "  headgate serve --set listeners.tcp.bind=0.0.0.0 --set listeners.tcp.anonymous=allow   # open to anybody");
  command->callback([options, &line] { line.run = [options] { return serve(sources_of(*options)); }; });
}

}  // namespace headgate::cli
