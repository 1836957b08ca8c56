#include "broker/shard/route.hpp"

#include <algorithm>

namespace headgate::broker::shard {

bool route_set::insert(route added) {
  const auto routes = all();
  if (std::find(routes.begin(), routes.end(), added) != routes.end()) return false;
  if (size_ == capacity_) {
    auto* larger = new route[capacity_ * 2];
    std::copy(routes.begin(), routes.end(), larger);
    if (capacity_ > 1) delete[] many_;
    many_ = larger;
    capacity_ *= 2;
  }
  (capacity_ > 1 ? many_ : &one_)[size_++] = added;
  return true;
}

bool route_set::erase(route removed) {
  auto* routes = capacity_ > 1 ? many_ : &one_;
  auto* found = std::find(routes, routes + size_, removed);
  if (found == routes + size_) return false;
  *found = routes[--size_];
  if (size_ == 1 && capacity_ > 1) {
    const auto last = routes[0];
    delete[] many_;
    one_ = last;
    capacity_ = 1;
  }
  return true;
}

}  // namespace headgate::broker::shard
