#include "config/mosquitto/draft.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace headgate::config::mosquitto {

void add_finding(draft& draft, fate fate, const option_line& line, std::string what, std::string by_hand) {
  draft.findings.push_back({fate, line.where, line.name, std::move(what), std::move(by_hand)});
}

void add_setting(draft& draft, const option_line& line, const std::string& key, const std::string& value,
                 const std::string& note) {
  draft.settings[key] = {value, to_string(line.where) + ": " + line.name + " " + printable(line.value)};
  add_finding(draft, fate::translated, line, key + ": " + value + note);
}

void add_obstacle(old_listener& listener, const option_line& line, std::string kind, std::string why,
                  std::string by_hand) {
  const auto same_kind = [&](const obstacle& known) { return known.kind == kind; };
  listener.absorbed.push_back(line.where);
  if (std::ranges::any_of(listener.obstacles, same_kind)) return;
  listener.obstacles.push_back({line.where, std::move(kind), std::move(why), std::move(by_hand)});
}

void keep_last(draft& draft, std::optional<option_line>& kept, const option_line& line) {
  if (kept) add_finding(draft, fate::harmless, *kept, "the later line, " + to_string(line.where) + ", counts");
  kept = line;
}

bool flag_of(const option_line& line) {
  const auto word = first_word(line.value);
  if (word == "true" || word == "1") return true;
  if (word == "false" || word == "0") return false;
  fail_at(line.where, line.name + " takes true or false, not '" + printable(word) + "'");
}

std::int64_t number_of(const option_line& line) {
  const auto word = first_word(line.value);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc{} || end != word.data() + word.size())
    fail_at(line.where, line.name + " takes a number, not '" + printable(word) + "'");
  return number;
}

const std::string& text_of(const option_line& line) {
  if (line.value.empty()) fail_at(line.where, line.name + " has no value");
  return line.value;
}

}  // namespace headgate::config::mosquitto
