#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadtest/core/plan.hpp"
#include "loadtest/run/resolver.hpp"

namespace headgate::loadtest::run {

// Where the plan's targets are now. One thread.
class addresses {
 public:
  // Throws std::runtime_error with a sentence when a name cannot be resolved at the start.
  explicit addresses(const std::vector<core::target>& targets);

  struct place {
    std::string address;  // empty: its name is being looked up, and `client` will be among those whom take() returns
    std::uint16_t port = 0;
    std::size_t target = 0;  // its number in the plan
    std::string error;       // not empty: the name could not be resolved
  };
  // Clients are spread over the targets by their numbers, and go on to the next one with each attempt in a row that
  // failed. A name is looked up again if that was more than a second ago.
  place find(std::uint32_t client, std::uint32_t attempt, std::uint64_t now_ns);

  int fd() const { return resolver_.fd(); }
  // The clients that waited for what has been answered.
  std::vector<std::uint32_t> take(std::uint64_t now_ns);

 private:
  struct known {
    core::target target;
    bool is_name = false;
    bool is_asked = false;
    std::uint64_t asked_ns = 0;
    std::uint32_t turn = 0;
    std::vector<std::string> addresses;
    std::string error;
    std::vector<std::uint32_t> waiting;
  };

  std::vector<known> targets_;
  resolver resolver_;
};

}  // namespace headgate::loadtest::run
