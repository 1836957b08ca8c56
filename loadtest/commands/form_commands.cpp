#include <memory>
#include <string>
#include <vector>

#include "loadtest/commands/command.hpp"
#include "loadtest/commands/run_request.hpp"
#include "loadtest/plan/forms.hpp"

namespace headgate::loadtest::commands {

namespace {

struct form_request : run_request {
  plan::form_options options;
};

std::string description_of(const plan::form& form, const plan::form_option& option) {
  const auto fallback = plan::default_of(form, option);
  return fallback.empty() ? option.help : option.help + " [" + fallback + "]";
}

// The sentence goes on as main() ends those of usage.
void set(const plan::form_option& option, plan::form_options& options, const std::string& text) {
  if (!option.set(options, text)) throw CLI::ValidationError(plan::refusal(option.long_name(), text, option.accepts));
}

void add_option(CLI::App& command, const plan::form& form, const plan::form_option& option,
                plan::form_options& options) {
  const auto text = description_of(form, option);
  CLI::Option* added = nullptr;
  if (option.placeholder.empty()) {
    added = command.add_flag_callback(
        option.names, [&option, &options] { set(option, options, "true"); }, text);
  } else if (option.may_repeat) {
    const auto set_all = [&option, &options](const std::vector<std::string>& values) {
      for (const auto& value : values) set(option, options, value);
    };
    added = command.add_option_function<std::vector<std::string>>(option.names, set_all, text)
                ->type_name(option.placeholder)
                ->allow_extra_args(false);
  } else {
    const auto set_one = [&option, &options](const std::string& value) { set(option, options, value); };
    added = command.add_option_function<std::string>(option.names, set_one, text)
                ->type_name(option.placeholder)
                ->take_last();
  }
  added->group(option.heading);
}

std::string examples_of(const plan::form& form) {
  std::string text =
      "TIME is in seconds, or with us, ms, s, m or h behind it: 500ms, 10, 1.5m. In TOPIC and TEXT %c is the client's "
      "number,\n%n the topic's, %8n the same with eight digits, and %% a percent sign.\nExamples:";
  for (const auto& example : form.examples) text += "\n  headgate-loadtest " + example;
  return text;
}

void add_form(CLI::App& app, command_line& line, const plan::form& form) {
  const auto request = std::make_shared<form_request>();
  plan::apply_defaults(form, request->options);
  auto* command = app.add_subcommand(form.name, form.what);
  for (const auto& option : plan::form_options_table()) {
    if ((option.forms & form.bit) != 0) add_option(*command, form, option, request->options);
  }
  add_run_options(*command, *request);
  command->footer(examples_of(form));
  command->callback([request, &form, &line] {
    line.run = [request, &form] {
      request->options.run_id = random_run_id();
      return carry_out(plan::make_plan(form, request->options), *request);
    };
  });
}

}  // namespace

void add_form_commands(CLI::App& app, command_line& line) {
  for (const auto& form : plan::forms()) add_form(app, line, form);
}

}  // namespace headgate::loadtest::commands
