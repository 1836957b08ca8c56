#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "broker/record/layout.hpp"
#include "broker/shard/route.hpp"

namespace headgate::broker::shard {

// The messages of a shared subscription that were given to a member and not finished yet, or came back and wait for
// another. A list in the order of their offsets: new ones are above all others, and most are finished in order. One
// thread. Invariants: 1. offsets ascend; 2. the finished ones left in the list are fewer than half of it.
class undone_set {
 public:
  using offset = record::offset;

  // Without the finished ones.
  std::size_t size() const { return entries_.size() - finished_; }
  bool any_returned() const { return returned_ > 0; }

  // Above every offset given before.
  void give(offset place, route holder);
  // The lowest that came back, from `from` on.
  std::optional<offset> find_returned(offset from) const;
  // One that came back.
  void give_again(offset place, route holder);
  void drop_returned(offset place);

  // False, and nothing happens, unless this holder has it.
  bool finish(offset place, route holder);
  bool give_back(offset place, route holder);
  // All that the holder has; returns how many.
  std::size_t give_back_all(route holder);

 private:
  enum class state : std::uint8_t { given, returned, finished };
  struct entry {
    offset place;
    route holder;
    undone_set::state state = state::given;
  };

  entry* find(offset place);
  entry* find_given(offset place, route holder);
  void mark_finished(entry& entry);

  std::vector<entry> entries_;
  std::size_t returned_ = 0;
  std::size_t finished_ = 0;
};

}  // namespace headgate::broker::shard
