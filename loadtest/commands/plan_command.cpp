#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "loadtest/commands/command.hpp"
#include "loadtest/commands/run_request.hpp"
#include "loadtest/commands/standard_streams.hpp"
#include "loadtest/plan/kind.hpp"
#include "loadtest/plan/plan_file.hpp"
#include "loadtest/plan/usual_ports.hpp"

namespace headgate::loadtest::commands {

namespace {

struct plan_request : run_request {
  std::string file;
  std::vector<core::target> targets;  // instead of the plan's
  std::optional<std::uint64_t> seed;
  bool only_checks = false;
  bool shows_reference = false;
};

constexpr const char* from_input = "-";

std::string name_of(const std::string& path) {
  return path == from_input ? "standard input" : path;
}

std::string read_file(const std::string& path) {
  const auto fail = [&](int error) {
    throw std::runtime_error("cannot read the plan '" + name_of(path) + "': " + std::generic_category().message(error));
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(
      path == from_input ? nullptr : std::fopen(path.c_str(), "re"), std::fclose);
  auto* file = path == from_input ? stdin : opened.get();
  if (file == nullptr) fail(errno);
  std::string text;
  std::array<char, 16'384> part{};
  // One part more than a plan can have: read_plan() says that it is too large.
  while (text.size() <= plan::max_file_bytes) {
    const auto size = std::fread(part.data(), 1, part.size(), file);
    if (size == 0) break;
    text.append(part.data(), size);
  }
  if (std::ferror(file) != 0) fail(errno);
  return text;
}

std::string summary_of(const core::plan& plan, const std::string& file) {
  std::uint64_t clients = 0;
  for (const auto& group : plan.groups) clients += group.clients;
  return file + " is good: " + std::to_string(plan.groups.size()) + (plan.groups.size() == 1 ? " group" : " groups") +
         ", " + std::to_string(clients) + (clients == 1 ? " client\n" : " clients\n");
}

int run(const plan_request& request) {
  if (request.shows_reference) {
    write_output(plan::reference_page());
    return good;
  }
  if (request.file.empty())
    throw std::runtime_error(
        "which plan? 'headgate-loadtest run FILE'; 'headgate-loadtest run --reference' says what "
        "stands in one");
  auto plan = plan::read_plan(read_file(request.file), name_of(request.file), random_run_id());
  if (request.only_checks) {
    write_output(summary_of(plan, name_of(request.file)));
    return good;
  }
  if (!request.targets.empty()) plan.targets = request.targets;
  plan::set_usual_ports(plan);
  if (request.seed) plan.seed = *request.seed;
  return carry_out(plan, request);
}

template <class Value>
Value parsed(const plan::kind<Value>& kind, const std::string& name, const std::string& text) {
  auto value = kind.parse(text);
  if (!value) throw CLI::ValidationError(plan::refusal(name, text, kind.accepts));
  return *value;
}

}  // namespace

void add_plan_command(CLI::App& app, command_line& line) {
  const auto request = std::make_shared<plan_request>();
  auto* command = app.add_subcommand("run", "Carries out a plan of several groups of clients, written as YAML");
  const auto set_targets = [request = request.get()](const std::vector<std::string>& texts) {
    for (const auto& text : texts) request->targets.push_back(parsed(plan::targets(), "--target", text));
  };
  const auto set_seed = [request = request.get()](const std::string& text) {
    request->seed = parsed(plan::numbers(0, ~std::uint64_t{0}), "--seed", text);
  };
  command->add_option("FILE", request->file, "The plan; -: from standard input");
  command->add_flag("--check", request->only_checks, "Says that the plan is good, or all that is wrong with it");
  command->add_flag("--reference", request->shows_reference, "Prints all keys of a plan, in Markdown");
  command
      ->add_option_function<std::vector<std::string>>(
          "--target", set_targets, "The server instead of the plan's; may come again. Takes " + plan::targets().accepts)
      ->type_name("HOST:PORT")
      ->allow_extra_args(false);
  command->add_option_function<std::string>("--seed", set_seed, "The seed instead of the plan's")
      ->type_name("N")
      ->take_last();
  add_run_options(*command, *request);
  command->footer(
      "Examples:\n"
      "  headgate-loadtest run --reference\n"
      "  headgate-loadtest run storm.yaml --check\n"
      "  sed 's/1000/2000/' storm.yaml | headgate-loadtest run -\n"
      "  headgate-loadtest run storm.yaml --target 192.0.2.7:1883 --json storm.json");
  command->callback([request, &line] { line.run = [request] { return run(*request); }; });
}

}  // namespace headgate::loadtest::commands
