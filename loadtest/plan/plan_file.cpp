#include "loadtest/plan/plan_file.hpp"

#include "config/problems.hpp"
#include "loadtest/plan/client_ids.hpp"
#include "loadtest/plan/plan_reader.hpp"
#include "loadtest/plan/usual_ports.hpp"
#include "loadtest/plan/yaml_tree.hpp"

namespace headgate::loadtest::plan {

namespace {

// "storm" of "plans/storm.yaml".
std::string stem_of(const std::string& name) {
  const auto slash = name.rfind('/');
  const auto last = slash == std::string::npos ? name : name.substr(slash + 1);
  return last.substr(0, last.find('.', 1));
}

// What the file leaves to us.
void set_client_ids(core::plan& plan, const plan_reader& reader, std::uint32_t run_id) {
  for (std::size_t number = 0; number < plan.groups.size(); ++number) {
    auto& group = plan.groups[number];
    if (reader.has("groups." + group.name + ".client_id")) continue;
    group.client_id = client_ids(run_id, "g" + std::to_string(number) + "c");
  }
}

}  // namespace

core::plan read_plan(std::string_view text, const std::string& name, std::uint32_t run_id) {
  if (text.size() > max_file_bytes) throw plan_error(name + ": it is larger than 1MiB, so it is probably no plan");
  core::plan plan;
  plan.name = stem_of(name);
  config::problems problems;
  const auto tree = read_yaml_tree(text, name, problems);
  plan_reader reader(plan, name, problems);
  reader.read(tree);
  if (!reader.has("targets")) plan.targets.front().port = 0;
  set_usual_ports(plan);
  set_client_ids(plan, reader, run_id);
  reader.add_conflicts(find_conflicts(plan));
  if (!problems.empty()) throw plan_error(problems.text());
  return plan;
}

}  // namespace headgate::loadtest::plan
