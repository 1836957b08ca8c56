#include "loadtest/plan/forms.hpp"

#include <algorithm>
#include <array>

#include "loadtest/plan/check_plan.hpp"
#include "loadtest/plan/form_parts.hpp"

namespace headgate::loadtest::plan {

namespace {

using texts = std::vector<std::pair<std::string, std::string>>;

// The same for forms that have the same options.
texts with_version(const std::string& only_v5, texts more) {
  more.emplace_back("--protocol-version", only_v5.empty() ? "3.1.1" : "3.1.1, and 5 with " + only_v5);
  more.emplace_back("--settle", "2s");
  more.emplace_back("--target", "127.0.0.1:1883, with --tls 127.0.0.1:8883");
  return more;
}

const std::string pairs_window = "1000 at QoS 0, 100 above";
const std::string own_topics = "loadtest/%c, and loadtest/%c/%n with --topics";

std::vector<form> make_forms() {
  std::vector<form> all;
  all.push_back({conn,
                 "conn",
                 "Connects clients that are idle, and holds them; with --cycle, measures connects",
                 {"conn -c 5000 -r 1000 -d 60", "conn -c 5000 --subscribe -d 1m", "conn -c 100 --cycle -d 10",
                  "conn -c 100 --cycle --tls --ca ca.pem --target mqtt.example.net",
                  "conn -c 1000 -r 500 -u user-%c -P wrong --expect-refused"},
                 {{"--clients", "1000"}},
                 with_version("", {{"--topic", "loadtest/%c"},
                                   {"--rate", "no limit"},
                                   {"--in-flight", "100, and all with --cycle or --expect-refused"}}),
                 make_conn});
  all.push_back({pub,
                 "pub",
                 "Publishes, and nobody of this run subscribes",
                 {"pub -c 50 -r 5000 -q 1", "pub -c 10 -t 'plant/%c/%n' --topics 100 -s 200..1000"},
                 {{"--clients", "50"}},
                 with_version("--expiry", {{"--window", "100"}, {"--topic", own_topics}}),
                 make_pub});
  all.push_back({sub,
                 "sub",
                 "Subscribes, and nobody of this run publishes; the messages of others are counted",
                 {"sub -c 50 -d 30", "sub -c 4 --share workers -t 'plant/#' -d 1m"},
                 {{"--clients", "50"}},
                 with_version("--share", {{"--topic", own_topics + "; loadtest/+ with --share"}}),
                 make_sub});
  all.push_back({pairs,
                 "pairs",
                 "Pairs of a publisher and a subscriber, each with a topic of its own",
                 {"pairs -c 50 -q 1", "pairs -c 50 --topics 20000 -w 1000", "pairs -c 50 --churn 1000"},
                 {{"--clients", "50"}},
                 with_version("--expiry", {{"--window", pairs_window}, {"--topic", own_topics}}),
                 make_pairs});
  all.push_back({fanout,
                 "fanout",
                 "One publisher, and many subscribers of its topic",
                 {"fanout -c 1000", "fanout -c 100 --publishers 10 -r 500 -q 1", "fanout -c 8 --share workers"},
                 {{"--clients", "1000"}},
                 with_version("--share or --expiry", {{"--window", "20"}, {"--topic", "loadtest/fanout"}}),
                 make_fanout});
  all.push_back(
      {fanin,
       "fanin",
       "Many publishers, and one subscriber of all their topics",
       {"fanin -c 1000", "fanin -c 1000 --one-topic -w 1 -q 1", "fanin -c 200 -t 'plant/%c/state' -r 2000"},
       {{"--clients", "1000"}},
       with_version("--share or --expiry", {{"--window", "1"},
                                            {"--topic",
                                             "loadtest/%c, loadtest/fanin with --one-topic; the filter has + for each "
                                             "level with a place"}}),
       make_fanin});
  all.push_back({latency,
                 "latency",
                 "Pairs at a rate that does not wait for the server: how long messages take from when they were due",
                 {"latency", "latency -c 50 -r 5000 -q 1 -d 1m"},
                 {{"--clients", "50"}, {"--rate", "5000"}, {"--qos", "1"}},
                 with_version("--expiry", {{"--topic", own_topics}}),
                 make_latency});
  all.push_back({offline,
                 "offline",
                 "Pairs whose subscribers have sessions, and come and go while their publishers go on: nothing may be "
                 "lost. Sessions expire after an hour in MQTT 5; older versions leave them at the server",
                 {"offline -c 50 -d 30", "offline -c 200 -V 5 -r 1000 --hold 1 --away 10 -d 2m"},
                 {{"--clients", "50"}, {"--rate", "500"}, {"--qos", "1"}},
                 with_version("--expiry", {{"--topic", own_topics}, {"--settle", "2s more than --away"}}),
                 make_offline});
  return all;
}

const form_option* find_option(const form& form, const std::string& long_name) {
  const auto found = std::ranges::find_if(form_options_table(), [&](const form_option& option) {
    return option.long_name() == long_name && (option.forms & form.bit) != 0;
  });
  return found == form_options_table().end() ? nullptr : &*found;
}

// Where a plan's key comes from.
const form_option* option_of(const form& form, const std::string& path) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 24> options = {{
      {"publish.topic", "--topic"},
      {"publish.topics", "--topics"},
      {"publish.rate", "--rate"},
      {"publish.payload", "--size"},
      {"publish.expiry", "--expiry"},
      {"publish.qos", "--qos"},
      {"subscribe.filters", "--topic"},
      {"subscribe.topics", "--topics"},
      {"subscribe.share", "--share"},
      {"client_id", "--client-id"},
      {"clients", "--clients"},
      {"user", "--user"},
      {"password", "--password"},
      {"measure.settle", "--settle"},
      {"measure.stall", "--stall"},
      {"measure.duration", "--duration"},
      {"connect.expect", "--expect-refused"},
      {"tls.ca", "--ca"},
      {"tls.certificate", "--cert"},
      {"tls.key", "--key"},
      {"tls.server_name", "--server-name"},
      {"tls.verify", "--insecure"},
      {"tls.version", "--tls-version"},
      {"tls.resume", "--no-resume"},
  }};
  std::string name;
  for (const auto& [key, option] : options) {
    if (path.ends_with(key) && name.empty()) name = option;
  }
  if (path == "groups") name = "--clients";
  return find_option(form, name);
}

void add_line(std::string& text, const std::string& line) {
  // A topic is that of publishers and subscribers.
  if (("\n" + text + "\n").find("\n" + line + "\n") != std::string::npos) return;
  text += (text.empty() ? "" : "\n") + line;
}

}  // namespace

const std::vector<form>& forms() {
  static const std::vector<form> all = make_forms();
  return all;
}

std::string default_of(const form& form, const form_option& option) {
  for (const auto* list : {&form.defaults, &form.said_defaults}) {
    const auto found = std::ranges::find(*list, option.long_name(), &texts::value_type::first);
    if (found != list->end()) return found->second;
  }
  return option.fallback;
}

void apply_defaults(const form& form, form_options& options) {
  for (const auto& [name, value] : form.defaults) {
    find_option(form, name)->set(options, value);
  }
}

core::plan make_plan(const form& form, const form_options& options) {
  if (options.rate && options.window)
    throw plan_error(
        "--window: it comes with --rate as well: messages are due at a rate (open loop) or when earlier "
        "ones have arrived (window, closed loop), so leave one of them out");
  auto made = form.make(options);
  std::string wrong;
  for (const auto& conflict : find_conflicts(made)) {
    const auto* option = option_of(form, conflict.path);
    const auto where = option != nullptr ? option->long_name() : conflict.path;
    add_line(wrong, (where.empty() ? "" : where + ": ") + conflict.sentence);
  }
  if (!wrong.empty()) throw plan_error(wrong);
  return made;
}

}  // namespace headgate::loadtest::plan
