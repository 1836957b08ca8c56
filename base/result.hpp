#pragma once

#include <utility>
#include <variant>

#include "base/assert.hpp"

namespace headgate::base {

// A value or the reason why there is none. Each folder names its own error enum:
//   template <class T> using result = base::result<T, errc>;
template <class T, class Error>
class [[nodiscard]] result {
 public:
  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  result(Error error) : state_(std::in_place_index<1>, error) {}         // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() {
    HEADGATE_ASSERT(state_.index() == 0);
    return *std::get_if<0>(&state_);
  }
  const T& operator*() const {
    HEADGATE_ASSERT(state_.index() == 0);
    return *std::get_if<0>(&state_);
  }
  T* operator->() { return &**this; }
  const T* operator->() const { return &**this; }
  Error error() const {
    HEADGATE_ASSERT(state_.index() == 1);
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

}  // namespace headgate::base
