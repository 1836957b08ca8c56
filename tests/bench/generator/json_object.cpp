#include "json_object.hpp"

#include <cmath>
#include <cstdio>

namespace headgate::bench {

void json_object::add(std::string_view name, double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.9g", std::isfinite(value) ? value : 0.0);
  add_raw(name, text);
}

}  // namespace headgate::bench
