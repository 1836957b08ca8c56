#include "proxy/gateway/filter_table.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace headgate::proxy::gateway {

filter_entry::~filter_entry() {
  if (capacity_ > 1) delete[] many_;
}

std::uint32_t filter_entry::add(subscriber added) {
  if (size_ == capacity_) {
    const auto present = subscribers();
    auto* larger = new subscriber[capacity_ * 2];
    std::copy(present.begin(), present.end(), larger);
    if (capacity_ > 1) delete[] many_;
    many_ = larger;
    capacity_ *= 2;
  }
  (capacity_ > 1 ? many_ : &one_)[size_] = added;
  return size_++;
}

void filter_entry::remove(std::uint32_t place) {
  const auto present = subscribers();
  present[place] = present.back();
  if (--size_ > 1 || capacity_ == 1) return;
  const auto last = present.front();
  delete[] many_;
  one_ = last;
  capacity_ = 1;
}

std::uint32_t filter_table::find(std::string_view text) {
  const auto hash = base::hash_of(text);
  return index_.find(hash,
                     [&](std::uint32_t id) { return entries_[id].hash == hash && entries_[id].text.view() == text; });
}

std::uint32_t filter_table::insert(std::string_view text) {
  std::uint32_t id;
  if (free_.empty()) {
    id = entries_.acquire();
  } else {
    id = free_.front();
    free_.pop_front();
  }
  auto& entry = entries_[id];
  entry.text = base::compact_string(text);
  entry.hash = base::hash_of(text);
  index_.insert(entry.hash, id);
  return id;
}

void filter_table::hide(std::uint32_t id) {
  index_.erase(entries_[id].hash, id);
}

void filter_table::release(std::uint32_t id) {
  entries_[id].text = {};
  free_.push_back(id);
}

}  // namespace headgate::proxy::gateway
