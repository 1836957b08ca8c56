#include "tests/bench/flood/visit.hpp"

#include <array>

namespace headgate::bench::flood {

std::string_view name_of(kind of) {
  constexpr std::array<std::string_view, kinds> names{
      "valid",      "wrong_name",       "wrong_level",   "reserved_flags", "long_length",
      "wrong_utf8", "wrong_properties", "publish_first", "wrong_publish",  "wrong_subscribe",
      "cut_short",  "cut_by_reset",     "random_bytes"};
  return names[static_cast<std::size_t>(of)];
}

std::string_view name_of(outcome of) {
  constexpr std::array<std::string_view, outcomes> names{"completed",      "closed",       "refused",
                                                         "closed_when_in", "told_when_in", "left",
                                                         "accepted",       "timed_out",    "connect_failed"};
  return names[static_cast<std::size_t>(of)];
}

bool is_right(ending expected, outcome seen) {
  switch (expected) {
    case ending::completed:
      return seen == outcome::completed;
    case ending::kept_out:
      return seen == outcome::closed || seen == outcome::refused;
    case ending::closed_when_in:
      return seen == outcome::closed_when_in || seen == outcome::told_when_in;
    case ending::left:
      return seen == outcome::left;
    case ending::closed_or_waited:
      return seen == outcome::closed || seen == outcome::refused || seen == outcome::left;
  }
  return false;
}

}  // namespace headgate::bench::flood
