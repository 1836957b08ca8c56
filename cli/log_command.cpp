#include "cli/log_command.hpp"

#include <map>
#include <memory>

#include "cli/log_dump.hpp"
#include "cli/log_list.hpp"
#include "cli/log_verify.hpp"

namespace headgate::cli {

namespace {

constexpr const char* directory_help =
    "The data_dir of a server, or the directory of one cluster or one log in it (DIR/log/CLUSTER/N)";
constexpr const char* json_help = "One JSON object a segment";

void add_list(CLI::App& command, command_line& line) {
  const auto options = std::make_shared<log_list_options>();
  auto* part = command.add_subcommand("list", "Lists the logs in a directory and their segments");
  part->add_option("DIR", options->path, directory_help)->required();
  part->add_flag("--json", options->json, json_help);
  part->footer(
      "A segment is sealed, or open: then it is written to now, or a server was killed that wrote to it. Its file has "
      "the name of its first offset; END is the offset behind its last record. Times are those at which the server "
      "took the messages, in UTC. Where the output is no terminal there are no headings, sizes are in bytes, and tabs "
      "stand between columns.\n"
      "Example: headgate log list /var/lib/headgate");
  part->callback([options, &line] { line.run = [options] { return list_logs(*options); }; });
}

void add_dump(CLI::App& command, command_line& line) {
  const auto options = std::make_shared<log_dump_options>();
  auto* part = command.add_subcommand("dump", "Prints the records of logs, a JSON object a line, oldest first");
  part->add_option("DIR", options->path, directory_help)->required();
  part->add_option("--log", options->log, "Only this one of several logs, such as main/0")->type_name("CLUSTER/N");
  part->add_option("-t,--topic", options->filter, "Only topics that this filter matches, such as 'fleet/+/alarm'")
      ->type_name("FILTER");
  part->add_option("--from", options->from, "Only from this offset on")->type_name("OFFSET");
  part->add_option("--to", options->to, "Only below this offset")->type_name("OFFSET");
  part->add_option("--since", options->since, "Only from this time on: 2026-11-27T08:20 in UTC, or 15m for as long ago")
      ->type_name("TIME");
  part->add_option("--until", options->until, "Only before this time")->type_name("TIME");
  auto* first = part->add_option("-n,--count", options->count, "The first so many of them")->type_name("N");
  part->add_option("--last", options->last, "The last so many of them, of each log")->type_name("N")->excludes(first);
  part->add_option("--payload", options->payload,
                   "How payloads are written: text (in base64 what is no UTF-8), base64, or none [text]")
      ->type_name("text|base64|none")
      ->transform(CLI::CheckedTransformer(std::map<std::string, payload_form>{
          {"text", payload_form::text}, {"base64", payload_form::base64}, {"none", payload_form::left_out}}));
  part->add_flag("--all", options->all_kinds,
                 "Also what is no message: what the server writes for itself (snapshot), and messages that came again "
                 "and were shown to nobody (repeated)");
  part->footer(
      "What is damaged is stepped over; 'headgate log verify' says where that is. Messages at QoS 0 are in no log "
      "unless they are retained.\n"
      "Examples:\n"
      "  headgate log dump /var/lib/headgate --last 20\n"
      "  headgate log dump /var/lib/headgate --topic 'fleet/17/#' --since 15m\n"
      "  headgate log dump /var/lib/headgate --log main/0 --from 4096 --count 1 --payload base64\n"
      "  headgate log dump /var/lib/headgate --payload none | jq -r .topic | sort | uniq -c | sort -rn | head");
  part->callback([options, &line] { line.run = [options] { return dump_logs(*options); }; });
}

void add_verify(CLI::App& command, command_line& line) {
  const auto options = std::make_shared<log_verify_options>();
  auto* part = command.add_subcommand("verify", "Checks every batch of logs, and says where one is damaged");
  part->add_option("DIR", options->path, directory_help)->required();
  part->add_flag("--json", options->json, json_help);
  part->footer(
      "Ends with status 0 when nothing is damaged, 1 when something is, and 2 when it could not look. Of an open "
      "segment, what stands behind its last whole batch is no damage: it is being written, or the next start cuts it "
      "off.\n"
      "Example: headgate log verify /var/lib/headgate");
  part->callback([options, &line] { line.run = [options] { return verify_logs(*options); }; });
}

}  // namespace

void add_log_command(CLI::App& app, command_line& line) {
  auto* command = app.add_subcommand("log", "Looks into the messages on disk: lists, prints and checks them");
  command->require_subcommand(1);
  command->footer(
      "Nothing is changed, and a server may be running meanwhile.\n"
      "Examples:\n"
      "  headgate log list /var/lib/headgate\n"
      "  headgate log dump /var/lib/headgate --last 20\n"
      "  headgate log verify /var/lib/headgate");
  add_list(*command, line);
  add_dump(*command, line);
  add_verify(*command, line);
}

}  // namespace headgate::cli
