#include "proxy/gateway/filter_table.hpp"

#include "base/hash.hpp"
#include "mqtt/topic.hpp"

namespace headgate::proxy::gateway {

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
  entry.shared = mqtt::is_shared_filter(text);
  entry.credit_due = false;
  entry.asks_anew = false;
  entry.next_member = 0;
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
