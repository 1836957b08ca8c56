#include "cli/client_command.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <memory>

#include "admin/target.hpp"
#include "cli/admin_options.hpp"
#include "cli/table.hpp"

namespace headgate::cli {

namespace json = boost::json;

namespace {

struct one_client {
  admin_options admin;
  std::string id;
};

std::string target_of(const std::string& id) {
  return "/api/v1/clients/" + admin::percent_encode(id);
}

int say_not_connected(const std::string& id) {
  std::fprintf(stderr, "headgate: no client '%s' is connected; 'headgate client list' shows those that are\n",
               printable(id).c_str());
  return answer_is_no;
}

// "behind", "waiting 12": what keeps it from getting messages at once.
std::string trouble_of(const json::object& client) {
  std::string text;
  if (cell(client, "behind") == "yes") text = "behind";
  if (cell(client, "waiting") != "0") text += (text.empty() ? "" : ", ") + ("waiting " + cell(client, "waiting"));
  return text.empty() ? "-" : text;
}

int list(const list_options& options) {
  table table(
      {"CLIENT ID", "ADDRESS", "USER", "MQTT", "CONNECTED S", "SILENT S", "SUBSCRIPTIONS", "INFLIGHT", "STATE"});
  const bool more = visit_pages(options, "/api/v1/clients", "clients", [&](const json::object& client) {
    if (options.admin.json) return print(json::serialize(client) + "\n");
    const auto user = cell(client, "user_name");
    table.add({cell(client, "id"), cell(client, "address"), user.empty() ? "-" : user, cell(client, "protocol"),
               cell(client, "connected_s"), cell(client, "silent_s"), cell(client, "subscriptions"),
               cell(client, "inflight"), trouble_of(client)});
  });
  if (!options.admin.json) print(table.text(output_is_terminal()));
  if (more) std::fprintf(stderr, "headgate: there are more; --all prints them, --match those that begin with PREFIX\n");
  return done;
}

std::string in_words(const json::object& details) {
  const auto& client = details.at("client").as_object();
  table about({});
  for (const auto& [name, value] : client) about.add({std::string(name), cell(client, name)});
  auto text = about.text(true);
  table subscriptions({"SUBSCRIPTION", "QOS", "NO LOCAL", "RETAIN AS PUBLISHED", "IDENTIFIER"});
  for (const auto& each : details.at("subscriptions").as_array()) {
    const auto& object = each.as_object();
    subscriptions.add({cell(object, "filter"), cell(object, "qos"), cell(object, "no_local"),
                       cell(object, "retain_as_published"), cell(object, "identifier")});
  }
  if (!subscriptions.empty()) text += "\n" + subscriptions.text(true);
  table positions({"SHARD", "NEXT OFFSET", "STREAMED TO", "BEHIND"});
  for (const auto& each : details.at("positions").as_array()) {
    const auto& object = each.as_object();
    positions.add({cell(object, "shard"), cell(object, "next"), cell(object, "streamed"), cell(object, "behind")});
  }
  if (!positions.empty()) text += "\n" + positions.text(true);
  return text;
}

int show(const one_client& options) {
  const auto answer = client_of(options.admin).get(target_of(options.id));
  if (answer.status == 404) return say_not_connected(options.id);
  const auto details = object_of(answer);
  print(options.admin.json ? json::serialize(details) + "\n" : in_words(details));
  return done;
}

int kick(const one_client& options) {
  const auto answer = client_of(options.admin).remove(target_of(options.id));
  if (answer.status == 404) return say_not_connected(options.id);
  if (answer.status != 204) throw admin_error(error_of(answer));
  print(options.admin.json ? "{\"kicked\":true}\n" : "kicked " + printable(options.id) + "\n");
  return done;
}

void add_one_client(CLI::App& command, command_line& line, int (*run)(const one_client&)) {
  const auto options = std::make_shared<one_client>();
  add_admin_options(command, options->admin);
  command.add_option("ID", options->id, "Its client id")->required();
  command.callback([options, run, &line] { line.run = [options, run] { return run(*options); }; });
}

}  // namespace

void add_client_command(CLI::App& app, command_line& line) {
  auto* command = app.add_subcommand("client", "Lists, shows and disconnects clients of a running headgate");
  command->require_subcommand(1);
  auto* listing = command->add_subcommand("list", "Lists connected clients");
  const auto options = std::make_shared<list_options>();
  add_list_options(*listing, *options);
  listing->add_option("--match", options->match, "Only those whose client id begins with PREFIX");
  listing->callback([options, &line] { line.run = [options] { return list(*options); }; });
  listing->footer("Example: headgate client list --match thermometer- --all --json");
  add_one_client(*command->add_subcommand("show", "Shows one client, its subscriptions and what it waits for"), line,
                 show);
  add_one_client(
      *command->add_subcommand(
          "kick", "Closes the connection of a client (MQTT 5: 0x98, Administrative action). It may come back"),
      line, kick);
}

}  // namespace headgate::cli
