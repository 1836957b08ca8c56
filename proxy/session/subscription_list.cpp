#include "proxy/session/subscription_list.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace headgate::proxy::session {

namespace {
bool before(const held_filter& held, std::uint32_t filter) {
  return held.filter < filter;
}
}  // namespace

held_filter* subscription_list::find(std::uint32_t filter) {
  auto* found = std::lower_bound(held_, held_ + size_, filter, before);
  return found != held_ + size_ && found->filter == filter ? found : nullptr;
}

const held_filter* subscription_list::find(std::uint32_t filter) const {
  return const_cast<subscription_list*>(this)->find(filter);
}

void subscription_list::insert(held_filter added) {
  if (size_ == capacity_) {
    capacity_ = capacity_ == 0 ? 1 : capacity_ * 2;
    auto* larger = new held_filter[capacity_];
    std::copy(held_, held_ + size_, larger);
    delete[] held_;
    held_ = larger;
  }
  auto* at = std::lower_bound(held_, held_ + size_, added.filter, before);
  std::copy_backward(at, held_ + size_, held_ + size_ + 1);
  *at = added;
  ++size_;
}

void subscription_list::erase(std::uint32_t filter) {
  auto* found = find(filter);
  HEADGATE_ASSERT(found != nullptr);
  std::copy(found + 1, held_ + size_, found);
  if (--size_ == 0) clear();
}

void subscription_list::clear() {
  delete[] held_;
  held_ = nullptr;
  size_ = 0;
  capacity_ = 0;
}

}  // namespace headgate::proxy::session
