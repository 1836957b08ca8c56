#include "cli/topic_command.hpp"

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

struct one_topic {
  admin_options admin;
  std::string topic;
};

int list(const list_options& options) {
  table table({"TOPIC", "WORKERS SUBSCRIBED", "WILDCARD MATCHES"});
  const bool more = visit_pages(options, "/api/v1/topics", "topics", [&](const json::object& topic) {
    if (options.admin.json) return print(json::serialize(topic) + "\n");
    table.add({cell(topic, "topic"), cell(topic, "routes"), cell(topic, "wildcard_routes")});
  });
  if (!options.admin.json) print(table.text(output_is_terminal()));
  if (more) std::fprintf(stderr, "headgate: there are more; --all prints them, FILTER chooses\n");
  return done;
}

std::string in_words(const json::object& topic) {
  table about({});
  for (const char* name : {"topic", "slot", "cluster", "shard", "known", "routes", "wildcard_routes"}) {
    about.add({name, cell(topic, name)});
  }
  if (const auto* retained = topic.at("retained").if_object()) {
    about.add({"retained", cell(*retained, "payload_bytes") + " bytes, QoS " + cell(*retained, "qos")});
  } else {
    about.add({"retained", "no"});
  }
  auto text = about.text(true);
  table filters({"MATCHING FILTER", "SUBSCRIBERS"});
  for (const auto& each : topic.at("filters").as_array()) {
    filters.add({cell(each.as_object(), "filter"), cell(each.as_object(), "subscribers")});
  }
  if (!filters.empty()) text += "\n" + filters.text(true);
  return text;
}

int show(const one_topic& options) {
  const auto client = client_of(options.admin);
  const auto topic = object_of(client.get("/api/v1/topics/" + admin::percent_encode(options.topic)));
  print(options.admin.json ? json::serialize(topic) + "\n" : in_words(topic));
  return done;
}

}  // namespace

void add_topic_command(CLI::App& app, command_line& line) {
  auto* command = app.add_subcommand("topic", "Lists and shows topics of a running headgate");
  command->require_subcommand(1);
  auto* listing = command->add_subcommand(
      "list",
      "Lists topics that a shard knows: with a subscription to themselves, or, while there are subscriptions with "
      "wildcards, published to not long ago");
  const auto options = std::make_shared<list_options>();
  add_list_options(*listing, *options);
  listing->add_option("FILTER", options->match, "Only those that this topic filter matches");
  listing->callback([options, &line] { line.run = [options] { return list(*options); }; });
  listing->footer("Example: headgate topic list 'sensors/+/temperature' --all");
  auto* showing = command->add_subcommand("show", "Shows where a topic belongs, who subscribes and what is retained");
  const auto one = std::make_shared<one_topic>();
  add_admin_options(*showing, one->admin);
  showing->add_option("TOPIC", one->topic, "The topic, without wildcards")->required();
  showing->callback([one, &line] { line.run = [one] { return show(*one); }; });
}

}  // namespace headgate::cli
