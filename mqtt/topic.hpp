#pragma once

#include <optional>

#include "mqtt/errc.hpp"
#include "mqtt/types.hpp"
#include "mqtt/utf8.hpp"

namespace headgate::mqtt {

// More levels than this in a topic or filter are refused, so that one packet can't build a tree 65,535 deep. mosquitto:
// 200.
inline constexpr std::size_t max_topic_levels = 200;

// A Topic Name to publish to: not empty, no wildcard, at most max_topic_levels levels. The text is checked UTF-8
// already.
enum class topic_check : std::uint8_t { good, empty, has_wildcard, too_many_levels };
topic_check check_topic_name(std::string_view topic);

// check_utf8() and check_topic_name() in one pass over a topic from the wire: what is wrong with it, or nothing.
std::optional<errc> find_topic_name_error(bytes topic);

// A Topic Filter by [MQTT-4.7.1-1], [MQTT-4.7.1-2], [MQTT-4.7.3-1]: not empty, '#' alone at the end, '+' alone in its
// level, at most max_topic_levels levels. "$share/..." is not looked into.
bool is_valid_topic_filter(std::string_view filter);

// Whether '+' or '#' occurs in a valid filter.
bool has_wildcard(std::string_view filter);

// MQTT 5.0, 4.8.2: a filter of the form $share/{ShareName}/{filter} in its parts; both are not empty, and the name is
// without wildcards [MQTT-4.8.2-1, -2]. Nothing for any other filter, also for one that begins with "$share/" but lacks
// a part.
struct shared_filter {
  std::string_view share_name{};
  std::string_view filter{};  // to be checked by is_valid_topic_filter() unless the packet's decoder has done so
};
std::optional<shared_filter> split_shared_filter(std::string_view filter);
bool is_shared_filter(std::string_view filter);

// What SUBSCRIBE and UNSUBSCRIBE may name: a valid Topic Filter, and in MQTT 5 after "$share/" a share name and such a
// filter. MQTT 3.1.1 knows no shared subscriptions: there "$share" is a level like any other.
bool is_valid_subscription_filter(std::string_view filter, version version);

// Whether a valid filter matches a valid topic (MQTT 5.0, 4.7), with [MQTT-4.7.2-1]: a leading wildcard never matches
// '$'.
bool matches(std::string_view filter, std::string_view topic);

}  // namespace headgate::mqtt
