#pragma once

#include <array>
#include <cstddef>
#include <string_view>

// The topics and filters of all runs: few, so that they meet often.
namespace headgate::sim {

inline constexpr std::array<std::string_view, 8> topics{"a", "a/b", "a/c", "a/b/c", "b", "b/c", "d/e/f", "/x"};
inline constexpr std::array<std::string_view, 16> filters{"a", "a/b", "a/c", "b",   "b/c", "d/e/f", "/x",    "#",
                                                          "+", "+/b", "+/c", "a/#", "a/+", "a/+/c", "+/+/+", "d/#"};

// A shared subscription.
struct group_filter {
  std::string_view text;
  std::string_view filter;
};
inline constexpr std::array<group_filter, 4> groups{
    {{"$share/g/a/#", "a/#"}, {"$share/g/b", "b"}, {"$share/h/#", "#"}, {"$share/h/a/b", "a/b"}}};

// MQTT 5.0, 4.7, by itself: not the server's.
constexpr bool matches(std::string_view filter, std::string_view topic) {
  while (true) {
    if (filter == "#") return true;
    const auto filter_end = filter.find('/');
    const auto topic_end = topic.find('/');
    const auto level = filter.substr(0, filter_end);
    if (level != "+" && level != topic.substr(0, topic_end)) return false;
    if (filter_end == std::string_view::npos) return topic_end == std::string_view::npos;
    filter.remove_prefix(filter_end + 1);
    if (topic_end == std::string_view::npos) return filter == "#";  // the parent level is matched as well
    topic.remove_prefix(topic_end + 1);
  }
}
static_assert(matches("a/#", "a") && matches("+/+/+", "a/b/c") && !matches("+", "/x") && !matches("a/+", "a/b/c"));

}  // namespace headgate::sim
