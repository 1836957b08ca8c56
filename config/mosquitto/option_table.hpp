#pragma once

#include <span>
#include <string_view>

#include "config/mosquitto/draft.hpp"

namespace headgate::config::mosquitto {

enum class value_kind : std::uint8_t { flag, number, text };

// One option of mosquitto.conf. Either a function takes its lines, or they are findings: harmless where the value is
// `same_value` (as printed: "true", "0"), and `otherwise` where it is another.
struct option_row {
  std::string_view name;
  value_kind kind = value_kind::text;
  void (*apply)(draft&, const option_line&) = nullptr;
  fate otherwise = fate::harmless;
  std::string_view same_value = "";
  std::string_view why = "";
  std::string_view by_hand = "";
};

// The rows of the options that concern the whole server, one listener, its TLS, one bridge (mosquitto.conf(5) of 2.0,
// and what 2.1 added).
std::span<const option_row> general_rows();
std::span<const option_row> listener_rows();
std::span<const option_row> tls_rows();
std::span<const option_row> bridge_rows();

// The listener that the line is about. The first option of the default listener is what makes it one.
old_listener& touch(draft& draft, const option_line& line);

// Takes a line into the draft. Throws import_error if mosquitto would refuse it too.
void apply(draft& draft, const option_line& line);

}  // namespace headgate::config::mosquitto
