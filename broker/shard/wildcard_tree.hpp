#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "broker/shard/route.hpp"

namespace headgate::broker::shard {

// The filters with wildcards. Their first level puts them in one of 256 buckets, a leading wildcard in one more; every
// change of a bucket changes its version, by which topic entries know whether their cached result still holds. One
// thread.
class wildcard_tree {
 public:
  wildcard_tree();
  ~wildcard_tree();

  // Valid filters with a wildcard, of at most mqtt::max_topic_levels levels.
  // False if it is there already, or not there.
  bool insert(std::string_view filter, route route);
  bool erase(std::string_view filter, route route);

  bool empty() const { return routes_ == 0; }
  // The bucket whose filters may match the topic, besides those with a leading wildcard.
  static std::uint8_t bucket_of(std::string_view topic);
  // Changes whenever what match() answers for a topic of this bucket may have changed; never 0. It comes round after
  // 2^32 changes, far more than happen between two messages of a topic.
  std::uint32_t version_of(std::uint8_t bucket) const { return versions_[bucket] + versions_[leading_wildcards]; }
  // Appends the routes of all filters that match (MQTT 5.0, 4.7).
  void match(std::string_view topic, std::vector<route>& found) const;

 private:
  struct node;
  static constexpr std::size_t leading_wildcards = 256;

  std::array<std::unique_ptr<node>, 257> buckets_;
  std::array<std::uint32_t, 257> versions_;
  std::size_t routes_ = 0;
};

}  // namespace headgate::broker::shard
