#include <charconv>
#include <set>
#include <string_view>

#include "admin/handlers.hpp"

namespace headgate::admin {

namespace {

constexpr std::uint32_t largest_page = 1000;

bool read_limit(const std::string& text, std::uint32_t& limit) {
  const auto* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, limit);
  return error == std::errc{} && at == end && limit >= 1 && limit <= largest_page;
}

// "2:81920", or nothing: the beginning.
bool is_cursor(std::string_view text) {
  const auto colon = text.find(':');
  const auto is_number = [](std::string_view part) {
    return !part.empty() && part.size() <= 10 && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (text.empty()) return true;
  return colon != std::string_view::npos && is_number(text.substr(0, colon)) && is_number(text.substr(colon + 1));
}

}  // namespace

std::optional<page_request> read_page_request(const call& call) {
  const auto refuse = [&](const std::string& sentence) {
    call.respond(error_response(400, sentence));
    return std::nullopt;
  };
  page_request page;
  std::set<std::string> seen;
  for (const auto& [name, value] : call.query) {
    if (!seen.insert(name).second) return refuse("'" + name + "' stands in the query twice; give it once");
    if (name == "limit") {
      if (!read_limit(value, page.limit)) return refuse("limit has to be a number from 1 to 1000");
    } else if (name == "after") {
      if (!is_cursor(value)) return refuse("after has to be the 'next' of the page before");
      page.after = value;
    } else if (name == "match") {
      page.match = value;
    } else {
      return refuse("unknown parameter '" + name + "'; there are limit, after and match");
    }
  }
  return page;
}

bool has_no_query(const call& call) {
  if (call.query.empty()) return true;
  call.respond(error_response(400, "'" + call.query.front().first + "' is no parameter here; leave it out"));
  return false;
}

response no_answer() {
  return error_response(503,
                        "a worker did not answer in time, or others ask such questions at this moment; ask again, and "
                        "if it stays so look at headgate_worker_turn_seconds_total in /metrics for what keeps it busy");
}

}  // namespace headgate::admin
