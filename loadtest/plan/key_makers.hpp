#pragma once

#include <string>
#include <utility>

#include "loadtest/plan/access.hpp"
#include "loadtest/plan/keys.hpp"

namespace headgate::loadtest::plan {

inline constexpr std::uint64_t millisecond_ns = 1'000'000;
inline constexpr std::uint64_t longest_ns = 1'000 * 3'600 * core::second_ns;

// A place with a group that has everything, for the default values.
struct sample {
  core::plan plan;
  core::group group;
  event_draft event;
  place at;

  sample() {
    group.publish.emplace();
    group.subscribe.emplace();
    at = {&plan, &group, &event};
  }
  sample(const sample&) = delete;
  sample& operator=(const sample&) = delete;
};

// `access` gives a reference to the member in a place.
template <class Value, class Access>
plan_key key(std::string name, const kind<Value>& kind, Access access, std::string help) {
  sample defaults;
  plan_key made;
  made.name = std::move(name);
  made.accepts = kind.accepts;
  made.help = std::move(help);
  made.fallback = show(kind, std::as_const(access(defaults.at)));
  made.set = setter<place>(kind, access);
  return made;
}

// The same without a default.
template <class Value, class Access>
plan_key required(std::string name, const kind<Value>& kind, Access access, std::string help) {
  auto made = key(std::move(name), kind, access, std::move(help));
  made.fallback.clear();
  made.is_required = true;
  return made;
}

// Each value is one more of a vector.
template <class Value, class Access>
plan_key list(std::string name, const kind<Value>& kind, Access access, std::string help) {
  plan_key made;
  made.name = std::move(name);
  made.accepts = kind.accepts;
  made.help = std::move(help);
  made.is_list = true;
  made.set = [parse = kind.parse, access](place& at, const std::string& text) {
    auto value = parse(text);
    if (value) access(at).push_back(std::move(*value));
    return value.has_value();
  };
  made.clear = [access](place& at) { access(at).clear(); };
  return made;
}

key_section top_keys();
key_section tls_keys();
key_section measure_keys();
key_section audit_keys();
key_section group_keys();
key_section session_keys();
key_section connect_keys();
key_section reconnect_keys();
key_section life_keys();
key_section publish_keys();
key_section subscribe_keys();
key_section event_keys();

}  // namespace headgate::loadtest::plan
