#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headgate::admin {

// A request's target, taken apart and decoded.
struct target {
  std::string path;                                        // "/api/v1/topics/a/b", decoded
  std::vector<std::pair<std::string, std::string>> query;  // in the order in which they came
};

// %41 -> A. '+' stays what it is (RFC 3986), as it stands in topic filters. Nothing: a '%' without two hexadecimal
// digits, or what comes out is no UTF-8 text that MQTT allows (so no U+0000 either).
std::optional<std::string> percent_decode(std::string_view text);
// Everything but letters, digits, '-', '.', '_' and '~'; so it may stand anywhere in a target.
std::string percent_encode(std::string_view text);

// Nothing: it does not begin with '/', or cannot be decoded.
std::optional<target> parse_target(std::string_view text);

}  // namespace headgate::admin
