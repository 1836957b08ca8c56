#pragma once

#include <map>

#include "broker/shard/retained_store.hpp"

namespace headgate::broker::shard {

// Retained messages in memory, applied and found at once. Each value is copied out of its batch into a block of its
// own, so that it keeps no more than itself alive; a value that nobody refers to is written over by the next one of its
// topic. One thread, but what it gave out may be read by others. When full, a new value is not kept, and the old one of
// its topic goes too, since it would pass for the last one.
class memory_retained_store final : public retained_store {
 public:
  explicit memory_retained_store(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  record::offset applied() const override { return applied_; }
  void apply(const record::batch_ref& batch, std::span<const placed_record> records, record::offset to) override;
  bool surely_none(std::string_view filter) const override;
  bool scan(const retained_query& query, retained_answer& answer) override;
  retained_view view() const override;

 private:
  using value_map = std::map<std::string, record::batch_ref, std::less<>>;

  void put(const record::batch_header& batch, const placed_record& placed);
  bool make_room(std::uint64_t bytes, std::uint64_t now_ms);
  value_map::iterator erase(value_map::iterator value);

  std::uint64_t max_bytes_;
  record::offset applied_;
  value_map values_;
  std::string hand_;  // where the search for expired values goes on
  std::uint64_t bytes_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t expired_ = 0;
};

}  // namespace headgate::broker::shard
