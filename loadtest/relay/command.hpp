#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "loadtest/relay/rule.hpp"

namespace headgate::loadtest::relay {

// What a relay is told.
struct command {
  enum class verb : std::uint8_t {
    add,         // `what` becomes a rule
    cut,         // the connections of `what` that are there now
    half_close,  // the same, in the directions of `what`
    clear,       // `cleared`, or all rules
    stats,
    quit,
  } asks = verb::stats;
  rule what{};
  std::optional<fault_kind> cleared{};
};

// A command line (grammar below), or a sentence that says what is wrong and what to write instead. Pure.
std::variant<command, std::string> parse_command(std::string_view line);

// The grammar, for people.
extern const char* const command_grammar;

}  // namespace headgate::loadtest::relay
