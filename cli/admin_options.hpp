#pragma once

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <string>

#include "cli/admin_client.hpp"

namespace headgate::cli {

// What every command has that asks a running headgate.
struct admin_options {
  std::string address = "127.0.0.1:18083";
  std::string token_file;  // empty: no token
  bool json = false;       // one JSON object a line
};
// For these options. Throws admin_error, and settings_error about the file of the token.
admin_client client_of(const admin_options& options);
void add_admin_options(CLI::App& command, admin_options& options);

struct list_options {
  admin_options admin;
  std::string match;
  std::uint32_t limit = 100;
  bool all = false;
};
void add_list_options(CLI::App& command, list_options& options);

// Asks page after page at `path` and calls visit(item) for each in the answers' member `items`, up to the limit.
// Returns whether there are more. Throws admin_error.
bool visit_pages(const list_options& options, const std::string& path, const char* items,
                 const std::function<void(const boost::json::object&)>& visit);

// The answer as an object. Throws admin_error if it is an error or no object.
boost::json::object object_of(const admin_answer& answer);

// Members of answers as people read them: strings as they are, numbers in digits, yes and no.
std::string cell(const boost::json::object& object, std::string_view name);

void print(const std::string& text);

}  // namespace headgate::cli
