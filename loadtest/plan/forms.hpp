#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadtest/core/plan.hpp"
#include "loadtest/plan/kind.hpp"
#include "loadtest/plan/plan_error.hpp"

// The one-line forms: a plan from a few options. One table of options and one of forms; the program's options and its
// help come from them.
namespace headgate::loadtest::plan {

// What the options say. Those that are not given have the default of their form, which apply_defaults() sets.
struct form_options {
  // A random number of the run: client ids without a template contain it, so that two runs at the same time, or
  // sessions that an earlier one left, do not meet.
  std::uint32_t run_id = 0;

  std::uint32_t clients = 1;
  std::optional<double> rate;
  std::optional<std::uint32_t> window;
  std::optional<core::text_template> topic;
  std::uint32_t topics = 1;
  mqtt::qos qos = mqtt::qos::at_most_once;
  payload_sizes payload;
  bool retain = false;
  std::optional<std::uint32_t> expiry_s;
  std::string share;
  std::uint32_t publishers = 1;   // fanout
  std::uint32_t subscribers = 1;  // fanin
  bool one_topic = false;         // fanin
  double churn_rate = 0;          // pairs
  bool subscribes = false;        // conn
  bool cycles = false;            // conn
  bool keeps_session = false;     // conn
  bool expects_refusal = false;   // conn
  std::uint64_t hold_ns = 2 * core::second_ns;
  std::uint64_t away_ns = 3 * core::second_ns;

  std::optional<mqtt::version> version;
  std::optional<core::text_template> client_id;
  std::optional<core::text_template> user_name;
  std::optional<core::text_template> password;
  std::uint16_t keep_alive_s = 60;
  double connect_rate = 0;
  std::uint32_t in_flight = 100;
  std::vector<core::target> targets;  // empty: the default one; port 0: the usual one
  core::tls_plan tls;
  std::uint64_t seed = 1;
  core::measuring_plan measuring;
  std::optional<std::uint64_t> settle_ns;
  bool no_audit = false;
  bool no_drops = false;
};

// A set of forms, a bit each.
using form_set = std::uint32_t;
inline constexpr form_set conn = 1, pub = 2, sub = 4, pairs = 8, fanout = 16, fanin = 32, latency = 64, offline = 128;
inline constexpr form_set publishing = pub | pairs | fanout | fanin | latency | offline;
inline constexpr form_set subscribing = sub | pairs | fanout | fanin | latency | offline;
inline constexpr form_set every_form = conn | publishing | subscribing;

struct form_option {
  std::string names;        // "-c,--clients"
  std::string placeholder;  // "N"; empty: a flag, which is given the text "true"
  std::string accepts;      // continues "it takes "
  std::string help;         // a phrase that begins with a capital letter
  std::string fallback;     // its default value as text, the same for all forms; empty: none, or the form's
  form_set forms = every_form;
  bool may_repeat = false;
  // False: the value is refused, and nothing has changed.
  std::function<bool(form_options&, const std::string&)> set;
  std::string heading{};  // of its part of the help

  std::string long_name() const { return names.substr(names.find("--")); }
};

struct form {
  form_set bit = 0;
  std::string name;
  std::string what;                                           // a sentence for its help
  std::vector<std::string> examples;                          // words after the program's name
  std::vector<std::pair<std::string, std::string>> defaults;  // long name and value
  // Defaults that depend on other options, in words: long name and text.
  std::vector<std::pair<std::string, std::string>> said_defaults;
  core::plan (*make)(const form_options&) = nullptr;
};

const std::vector<form>& forms();
// An option may stand there several times, each for other forms.
const std::vector<form_option>& form_options_table();

// What an option's help says about its default in this form; empty: nothing.
std::string default_of(const form& form, const form_option& option);
void apply_defaults(const form& form, form_options& options);

// Throws plan_error with all that is wrong, a sentence a line, each with the option to change.
core::plan make_plan(const form& form, const form_options& options);

}  // namespace headgate::loadtest::plan
