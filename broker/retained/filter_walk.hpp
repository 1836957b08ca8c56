#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// How a walk over topics in the order of their bytes finds those that a filter matches, and passes over those that
// cannot match without looking at them. Pure.
namespace headgate::broker::retained {

// Where every topic that the filter matches stands, or behind.
std::string first_place(std::string_view filter);

// What comes behind a topic that was looked at, whether it matches or not.
enum class next_step : std::uint8_t {
  next,  // the topic behind it may match
  seek,  // nothing before `target` matches
  none,  // nothing behind it matches
};
next_step step_behind(std::string_view filter, std::string_view topic, std::string& target);

}  // namespace headgate::broker::retained
