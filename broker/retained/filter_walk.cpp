#include "broker/retained/filter_walk.hpp"

#include "mqtt/topic.hpp"

namespace headgate::broker::retained {
namespace {

constexpr auto end = std::string_view::npos;

std::string_view level_at(std::string_view text, std::size_t at) {
  return text.substr(at, text.find('/', at) - at);
}

// Appends the least that the levels of a filter behind a literal one can stand for: `rest` is empty or begins with '/'.
void append_least(std::string& text, std::string_view rest) {
  if (rest == "/#") return;  // "a/#" also matches "a" (MQTT 5.0, 4.7.1.2)
  text += rest.substr(0, rest.find_first_of("+#"));
  if (rest.ends_with("/#") && rest.find('+') == end) text.pop_back();
}

// Behind all topics that begin with the levels up to the end of the one at `level`; with none there is nothing more.
next_step pass_over(std::string_view topic, std::size_t level, std::string& target) {
  if (level == end) return next_step::none;
  target = topic.substr(0, level + level_at(topic, level).size());
  target += static_cast<char>('/' + 1);
  return next_step::seek;
}

// A literal level of the filter and the topic's at this place differ, or the topic ends before it.
next_step seek_literal(std::string_view filter, std::size_t f, std::string_view topic, std::size_t t, std::size_t plus,
                       std::string& target) {
  const auto literal = level_at(filter, f);
  const auto rest = filter.substr(f + literal.size());
  target = topic.substr(0, t);
  target += literal;
  append_least(target, rest);
  if (target > topic) return next_step::seek;
  // Behind the parent itself, which "/#" matches, are its children, with others between that begin like it.
  target += '/';
  if (rest == "/#" && target > topic) return next_step::seek;
  return pass_over(topic, plus, target);
}

}  // namespace

std::string first_place(std::string_view filter) {
  std::string first;
  append_least(first, filter);
  return first;
}

next_step step_behind(std::string_view filter, std::string_view topic, std::string& target) {
  // [MQTT-4.7.2-1]
  if (topic.starts_with('$') && (filter.front() == '+' || filter.front() == '#')) {
    target = static_cast<char>('$' + 1);
    return next_step::seek;
  }
  std::size_t plus = end;  // where the topic's last level begins that a '+' stands for, with more behind it
  for (std::size_t f = 0, t = 0;;) {
    const auto wanted = level_at(filter, f);
    if (wanted == "#") return next_step::next;
    const auto level = level_at(topic, t);
    if (wanted != "+" && wanted != level) return seek_literal(filter, f, topic, t, plus, target);
    const bool filter_ends = f + wanted.size() == filter.size();
    const bool topic_ends = t + level.size() == topic.size();
    if (wanted == "+" && !topic_ends) plus = t;
    if (filter_ends) {
      // Nothing longer matches; what this level's '+' may still stand for begins otherwise, or goes on without a '/'.
      if (topic_ends) return wanted == "+" ? next_step::next : pass_over(topic, plus, target);
      return pass_over(topic, plus, target);
    }
    f += wanted.size() + 1;
    if (topic_ends) {
      if (wanted == "+") return next_step::next;
      target = topic;
      target += '/';
      append_least(target, filter.substr(f));
      return next_step::seek;
    }
    t += level.size() + 1;
  }
}

}  // namespace headgate::broker::retained
