#include "cli/admin_options.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>

#include "admin/target.hpp"
#include "cli/token_file.hpp"
#include "config/environment.hpp"

namespace headgate::cli {

namespace json = boost::json;

namespace {

constexpr std::uint32_t largest_page = 1000;

admin_error strange_answer() {
  return admin_error("the answer of the admin listener is not understood; is it a headgate of another version?");
}

}  // namespace

admin_client client_of(const admin_options& options) {
  return admin_client(options.address, options.token_file.empty() ? "" : read_token(options.token_file));
}

void add_admin_options(CLI::App& command, admin_options& options) {
  command.add_option("--admin", options.address, "HOST:PORT of the admin listener of the headgate to ask")
      ->envname(config::admin_variable)
      ->capture_default_str();
  command
      .add_option("--token-file", options.token_file, "The file with the token that it asks for, its admin.token_file")
      ->envname(config::variable_name("admin.token_file"));
  command.add_flag("--json", options.json, "Prints JSON, one object a line");
}

void add_list_options(CLI::App& command, list_options& options) {
  add_admin_options(command, options.admin);
  auto* limit = command.add_option("--limit", options.limit, "How many to print at most")
                    ->check(CLI::Range(std::uint32_t{1}, std::uint32_t{1'000'000'000}))
                    ->capture_default_str();
  command.add_flag("--all", options.all, "Prints all of them")->excludes(limit);
}

bool visit_pages(const list_options& options, const std::string& path, const char* items,
                 const std::function<void(const json::object&)>& visit) {
  const auto client = client_of(options.admin);
  std::string after;
  std::uint64_t left = options.all ? UINT64_MAX : options.limit;
  do {
    auto target = path + "?limit=" + std::to_string(std::min<std::uint64_t>(left, largest_page));
    if (!options.match.empty()) target += "&match=" + admin::percent_encode(options.match);
    if (!after.empty()) target += "&after=" + admin::percent_encode(after);
    const auto page = object_of(client.get(target));
    const auto* list = page.if_contains(items);
    if (list == nullptr || !list->is_array()) throw strange_answer();
    for (const auto& item : list->get_array()) {
      if (!item.is_object()) throw strange_answer();
      if (left-- == 0) throw strange_answer();  // more than was asked for
      visit(item.get_object());
    }
    after = cell(page, "next");
  } while (!after.empty() && left > 0);
  return !after.empty();
}

json::object object_of(const admin_answer& answer) {
  if (answer.status != 200) throw admin_error(error_of(answer));
  boost::system::error_code error;
  auto value = json::parse(answer.body, error);
  if (error || !value.is_object()) throw strange_answer();
  return std::move(value.get_object());
}

std::string cell(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return "";
  if (value->is_string()) return std::string(value->get_string());
  if (value->is_bool()) return value->get_bool() ? "yes" : "no";
  return json::serialize(*value);
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace headgate::cli
