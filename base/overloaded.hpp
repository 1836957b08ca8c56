#pragma once

namespace headgate::base {

// Several lambdas as one visitor: std::visit(overloaded{[](const a&) {…}, [](const b&) {…}}, variant).
template <class... Functions>
struct overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

}  // namespace headgate::base
