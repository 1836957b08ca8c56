#pragma once

#include <string>

#include "mqtt/topic.hpp"
#include "tests/unit/property.hpp"

namespace headgate::broker::tests {

using namespace headgate::tests;  // NOLINT(google-build-using-namespace): these helpers and those are one set

// Few levels, so that random topics and filters often match; empty ones and '$' among them.
inline std::string random_topic(dice& dice) {
  static constexpr const char* levels[] = {"", "a", "b", "c", "$s"};
  for (;;) {
    std::string topic = levels[dice.below(5)];
    while (!dice.one_in(3)) topic += std::string("/") + levels[dice.below(5)];
    if (mqtt::check_topic_name(topic) == mqtt::topic_check::good) return topic;
  }
}

inline std::string random_filter(dice& dice) {
  static constexpr const char* levels[] = {"", "a", "b", "$s", "+", "+", "#"};
  for (;;) {
    std::string filter = levels[dice.below(7)];
    while (!dice.one_in(3)) filter += std::string("/") + levels[dice.below(7)];
    if (mqtt::is_valid_topic_filter(filter)) return filter;
  }
}

inline std::string random_wildcard_filter(dice& dice) {
  for (;;) {
    auto filter = random_filter(dice);
    if (mqtt::has_wildcard(filter)) return filter;
  }
}

}  // namespace headgate::broker::tests
