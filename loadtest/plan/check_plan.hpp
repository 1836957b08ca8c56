#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadtest/core/plan.hpp"

namespace headgate::loadtest::plan {

// More clients of one process would need more than the 20,000 descriptors that many machines allow.
inline constexpr std::uint32_t max_clients = 19'500;
inline constexpr std::uint32_t max_topics = 1'000'000;
// Each is compared with each.
inline constexpr std::size_t max_filters = 200;
inline constexpr std::size_t max_groups = 1'000;

// What is wrong with values that are good each by itself, or what nobody can mean.
struct conflict {
  // Of the key to change, as in a plan's file: "groups.sensors.publish.topic", "measure.settle"; or of what it stands
  // below; empty: the plan as a whole.
  std::string path;
  std::string sentence;  // without a dot
};

// All that is wrong with a plan, however it came to be. A plan without conflicts can be carried out.
std::vector<conflict> find_conflicts(const core::plan& plan);

}  // namespace headgate::loadtest::plan
