#pragma once

#include <cstdint>
#include <span>

#include "base/one_or_many.hpp"
#include "broker/link/messages.hpp"

namespace headgate::broker::shard {

// Which worker wants the messages of a filter, and the number that it gave the filter.
struct route {
  base::worker_id worker;
  link::filter_id filter;
  friend bool operator==(route, route) = default;
};

// A route of this worker, which no process has, leads to a shared subscription of the shard; its filter is the
// number of that. So records find these where they find all others.
inline constexpr base::worker_id group_routes{0xffff};

// The routes of one topic or filter, each once.
class route_set {
 public:
  std::span<const route> all() const { return routes_.all(); }
  bool empty() const { return routes_.empty(); }

  // False if it is there already.
  bool insert(route added);
  // False if it is not there.
  bool erase(route removed);

 private:
  base::one_or_many<route> routes_;
};
static_assert(sizeof(route_set) == 16);

}  // namespace headgate::broker::shard
