#include "broker/shard/route.hpp"

#include <algorithm>

namespace headgate::broker::shard {

bool route_set::insert(route added) {
  const auto routes = routes_.all();
  if (std::find(routes.begin(), routes.end(), added) != routes.end()) return false;
  routes_.add(added);
  return true;
}

bool route_set::erase(route removed) {
  const auto routes = routes_.all();
  const auto found = std::find(routes.begin(), routes.end(), removed);
  if (found == routes.end()) return false;
  routes_.remove(static_cast<std::uint32_t>(found - routes.begin()));
  return true;
}

}  // namespace headgate::broker::shard
