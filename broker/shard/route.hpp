#pragma once

#include <cstdint>
#include <span>

#include "base/assert.hpp"
#include "broker/link/messages.hpp"

namespace headgate::broker::shard {

// Which worker wants the messages of a filter, and the number that it gave the filter.
struct route {
  base::worker_id worker;
  link::filter_id filter;
  friend bool operator==(route, route) = default;
};

// The routes of one topic or filter in 16 bytes: one inside (by far the most have one), more on the heap. No order.
class route_set {
 public:
  route_set() = default;
  route_set(const route_set&) = delete;
  route_set& operator=(const route_set&) = delete;
  ~route_set() {
    if (capacity_ > 1) delete[] many_;
  }

  std::span<const route> all() const { return {capacity_ > 1 ? many_ : &one_, size_}; }
  bool empty() const { return size_ == 0; }

  // False if it is there already.
  bool insert(route added);
  // False if it is not there.
  bool erase(route removed);

 private:
  union {
    route one_{};
    route* many_;
  };
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 1;
};

}  // namespace headgate::broker::shard
