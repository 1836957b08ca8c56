#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/shard/retained_store.hpp"

namespace headgate::broker::retained {

// A retained_query that owns its texts, on its way to the thread.
struct question {
  std::uint64_t number = 0;  // by which its shard knows it
  std::string filter;
  std::string after;
  record::offset below;
  std::uint32_t places = 0;
  std::uint32_t max_bytes = 0;
  std::uint64_t now_ms = 0;
};

// What the thread found.
struct found_values {
  std::uint64_t number = 0;
  shard::retained_answer answer;
  std::vector<std::string> expired;  // topics whose values were passed over: the shard erases them
};

}  // namespace headgate::broker::retained
