#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "config/value.hpp"
#include "loadtest/core/plan.hpp"
#include "loadtest/core/text_template.hpp"
#include "mqtt/types.hpp"

// How values are written, the same in a plan's file and as an option.
namespace headgate::loadtest::plan {

template <class Value>
struct kind {
  std::string accepts;  // continues "it takes "
  std::function<std::optional<Value>(const std::string&)> parse;
  std::function<std::string(const Value&)> show;  // as `parse` takes it again
};

struct payload_sizes {
  std::uint32_t least = 64;
  std::uint32_t most = 64;
};

kind<std::uint64_t> numbers(std::uint64_t least, std::uint64_t most);
// With KiB, MiB, GiB or TiB.
kind<std::uint64_t> byte_counts(std::uint64_t least, std::uint64_t most);
// Digits with a point, no exponent.
kind<double> decimals(double least, double most);
// A number with %, as a share from 0 to 1.
kind<double> percents();
kind<bool> truths();
// Nanoseconds, written with us, ms, s, m or h; without a unit: seconds.
kind<std::uint64_t> durations(std::uint64_t least_ns, std::uint64_t most_ns);
// The same, or `forever` (core::for_ever).
kind<std::uint64_t> durations_or_for_ever(std::uint64_t least_ns, std::uint64_t most_ns);
// Whole seconds, written in the same way.
kind<std::uint64_t> seconds(std::uint64_t least, std::uint64_t most);
kind<payload_sizes> sizes_of_payload();
kind<mqtt::qos> levels_of_qos();
kind<mqtt::version> versions();
kind<bool> ways_to_disconnect();  // clean: true
// HOST or HOST:PORT; an IPv6 address in brackets. Port 0 where none is given (usual_ports.hpp).
kind<core::target> targets();
// The latest version of TLS that is spoken.
kind<core::tls_plan::version> tls_versions();
// What becomes of connects. To be refused: true.
kind<bool> expected_answers();
// One line of text; `accepts` says what for.
kind<std::string> words(std::string accepts);
kind<core::text_template> templates();
// The same where there is no topic: %n in it is a conflict (check_plan.hpp).
kind<core::text_template> client_templates();

// What is wrong with a value, without a dot.
std::string refusal(const std::string& name, const std::string& text, const std::string& accepts);

}  // namespace headgate::loadtest::plan
