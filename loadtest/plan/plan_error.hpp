#pragma once

#include <stdexcept>

namespace headgate::loadtest::plan {

// Why there is no plan: what() is a sentence a line, each with the option, or the file and line, to change.
class plan_error : public std::runtime_error {
  using runtime_error::runtime_error;
};

}  // namespace headgate::loadtest::plan
