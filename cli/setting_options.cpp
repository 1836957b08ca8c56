#include "cli/setting_options.hpp"

namespace headgate::cli {

void add_setting_options(CLI::App& command, setting_options& options) {
  options.config_option =
      command
          .add_option("-c,--config", options.config,
                      std::string("The configuration file; default: the one that HEADGATE_CONFIG names, then ") +
                          config::default_file + " if it is there; '' means none")
          ->type_name("FILE");
  command
      .add_option("--set", options.assignments,
                  "Sets one key, over the file and the environment; may come again. 'headgate config show' lists the "
                  "keys")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

config::sources sources_of(const setting_options& options) {
  config::sources sources;
  if (options.config_option->count() > 0) sources.file = options.config;
  sources.environment = config::environment_of_process();
  sources.assignments = options.assignments;
  return sources;
}

}  // namespace headgate::cli
