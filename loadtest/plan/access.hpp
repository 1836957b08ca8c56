#pragma once

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "loadtest/plan/kind.hpp"

// How tables of options and keys are written: a kind of values, and the member that has one.
namespace headgate::loadtest::plan {

template <class Member>
struct is_optional : std::false_type {};
template <class Value>
struct is_optional<std::optional<Value>> : std::true_type {};

template <class Value, class Member>
void assign(Member& member, const Value& value) {
  if constexpr (is_optional<Member>::value) {
    member = static_cast<typename Member::value_type>(value);
  } else {
    member = static_cast<Member>(value);
  }
}

// Empty where an optional has no value.
template <class Value, class Member>
std::string show(const kind<Value>& kind, const Member& member) {
  if constexpr (is_optional<Member>::value) {
    return member ? kind.show(static_cast<Value>(*member)) : "";
  } else {
    return kind.show(static_cast<Value>(member));
  }
}

// A function that takes a value's text, and says whether it was good. `access` gives a reference to the member of an
// object.
template <class Object, class Value, class Access>
std::function<bool(Object&, const std::string&)> setter(const kind<Value>& kind, Access access) {
  return [parse = kind.parse, access](Object& object, const std::string& text) {
    auto value = parse(text);
    if (value) assign(access(object), *value);
    return value.has_value();
  };
}

}  // namespace headgate::loadtest::plan
