#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <system_error>
#include <vector>

#include "cli/serve.hpp"
#include "config/settings.hpp"

namespace {

// Exit status for what an operator can mend: a wrong setting, a port in use.
constexpr int cannot_start = 2;

int fail(const std::string& sentence) {
  std::fprintf(stderr, "headgate: %s\n", sentence.c_str());
  return cannot_start;
}

// What mends an error of the operating system at the start.
std::string advice(const std::error_code& error) {
  if (error == std::errc::address_in_use) {
    return "; stop the server that has it ('ss -ltnp' names it), or choose another port with --set "
           "listeners.tcp.port=PORT";
  }
  if (error == std::errc::address_not_available)
    return "; no interface of this machine has it ('ip address' lists them)";
  if (error == std::errc::permission_denied) return "; ports below 1024 need root or CAP_NET_BIND_SERVICE";
  if (error == std::errc::too_many_files_open) return "; raise the limit of open files (ulimit -n)";
  return "";
}

int show_config(const headgate::config::settings& settings) {
  for (const auto& line : headgate::config::describe(settings)) {
    std::printf("%-28s = %-12s  # %s\n", line.key.c_str(), line.value.c_str(), line.help.c_str());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Headgate, an MQTT gateway for fleets of millions of devices");
  app.set_version_flag("--version", std::string("headgate ") + HEADGATE_VERSION);
  app.require_subcommand(1);
  std::vector<std::string> assignments;
  auto* serve = app.add_subcommand(
      "serve",
      "Starts the gateway in the foreground, on 127.0.0.1:1883 unless set otherwise. SIGTERM and Ctrl-C end it, "
      "SIGUSR1 prints the counters");
  serve->add_option("--set", assignments, "Sets KEY=VALUE; may come again; 'headgate config show' lists the keys");
  auto* config = app.add_subcommand("config", "About the configuration");
  auto* show = config->add_subcommand("show", "Prints every key with its value and what it means");
  show->add_option("--set", assignments, "Sets KEY=VALUE first");
  config->require_subcommand(1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (argc > 1 && argv[1][0] != '-' && !serve->parsed() && !config->parsed()) {
      return fail("unknown command '" + std::string(argv[1]) + "': the commands are serve and config");
    }
    if (error.get_exit_code() == 0) return app.exit(error);  // help and version
    return fail(std::string(error.what()) +
                "; settings are given as --set KEY=VALUE, and 'headgate config show' lists them");
  }

  try {
    headgate::config::settings settings;
    for (const auto& assignment : assignments) headgate::config::assign(settings, assignment);
    return serve->parsed() ? headgate::cli::serve(settings) : show_config(settings);
  } catch (const headgate::config::settings_error& error) {
    return fail(error.what());
  } catch (const std::system_error& error) {
    return fail(error.what() + advice(error.code()));
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
