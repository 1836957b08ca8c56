#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace headgate::bench::flood {

// What one connection does wrong; the first is for comparison and does nothing wrong.
enum class kind : std::uint8_t {
  valid,
  wrong_name,
  wrong_level,
  reserved_flags,
  long_length,
  wrong_utf8,
  wrong_properties,
  publish_first,
  wrong_publish,
  wrong_subscribe,
  cut_short,
  cut_by_reset,
  random_bytes,
};
inline constexpr std::size_t kinds = 13;
std::string_view name_of(kind of);

// How it is to end.
enum class ending : std::uint8_t {
  completed,         // the server accepts it, and closes after its DISCONNECT
  kept_out,          // the server closes it without having accepted it, whether or not it says why
  closed_when_in,    // the server accepts it, and closes it because of what comes then
  left,              // the client breaks it off
  closed_or_waited,  // the server closes it, or has reason to wait for more: then the client leaves
};

struct visit {
  kind what = kind::valid;
  ending expected = ending::completed;
  std::string first{};        // sent at once
  std::string then{};         // sent when the server has accepted it; may be empty
  bool ends_writing = false;  // FIN behind the first
  bool resets = false;        // RST behind the first

  std::size_t size() const { return first.size() + then.size(); }
};

// What came of it.
enum class outcome : std::uint8_t {
  completed,       // accepted, and closed by the server after DISCONNECT
  closed,          // closed by the server, which said nothing
  refused,         // CONNACK with a reason, and closed
  closed_when_in,  // accepted, and closed by the server later, which said nothing
  told_when_in,    // the same, with a DISCONNECT that says why
  left,            // broken off by the client, as it was meant to be
  accepted,        // accepted though it must not be
  timed_out,       // the server did not close in time
  connect_failed,
};
inline constexpr std::size_t outcomes = 9;
std::string_view name_of(outcome of);

// Whether a server does right when it ends so.
bool is_right(ending expected, outcome seen);

}  // namespace headgate::bench::flood
