#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "broker/record/layout.hpp"
#include "broker/shard/route.hpp"

namespace headgate::broker::shard {

// The messages of a shared subscription that were given to a member and not finished yet, or came back and wait for
// another, or are parked: nobody who is here may be shown them, and somebody who may come back is waited for. A list in
// the order of their offsets: new ones are above all others, and most are finished in order. One thread. Invariants: 1.
// offsets ascend; 2. the finished ones left in the list are fewer than half of it; 3. no message below
// `first_returned_` has come back.
class undone_set {
 public:
  using offset = record::offset;

  // What workers said of a message that they gave back, a bit for each by its id: there are at most 64.
  struct refusals {
    std::uint64_t all = 0;
    std::uint64_t no_room = 0;  // of these, those where it can wait
    bool has(base::worker_id worker) const { return (all & bit_of(worker)) != 0; }
    bool can_wait_at(base::worker_id worker) const { return (no_room & bit_of(worker)) != 0; }
  };

  // Without the finished ones, and without those that wait at a holder or are parked: these stop nobody, and each
  // client and each group may have no more than base::max_group_held of them.
  std::size_t size() const { return entries_.size() - finished_ - held_ - parked_; }
  std::size_t parked() const { return parked_; }
  bool any_returned() const { return returned_ > 0; }

  // All that are not finished, in order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& entry : entries_) {
      if (entry.state != state::finished) visit(entry.place);
    }
  }
  // Above every offset given before.
  void give(offset place, route holder);
  // The lowest that came back, from `from` on.
  std::optional<offset> find_returned(offset from);
  // One that came back.
  refusals refusals_of(offset place);
  void give_again(offset place, route holder);
  void drop_returned(offset place);
  // One that came back from nobody: its holder was another process. Above every offset given before.
  void restore(offset place);
  void park(offset place);
  // All that are parked have come back.
  void unpark();
  // They are finished; returns how many.
  std::size_t drop_parked();

  // False, and nothing happens, unless this holder has it.
  bool finish(offset place, route holder);
  bool hold(offset place, route holder);
  bool give_back(offset place, route holder, link::group_refusal refusal = link::group_refusal::none);
  // All that the holder has; returns how many.
  std::size_t give_back_all(route holder);
  // What the worker refused it may be asked for again.
  void forget_refusals(base::worker_id worker);

 private:
  enum class state : std::uint8_t { given, held, returned, parked, finished };
  struct entry {
    offset place;
    route holder;
    undone_set::state state = state::given;
    undone_set::refusals refusals;

    bool is_at(route other) const { return (state == state::given || state == state::held) && holder == other; }
  };

  static std::uint64_t bit_of(base::worker_id worker) { return std::uint64_t{1} << worker.value % 64; }
  entry* find(offset place);
  entry* find_given(offset place, route holder);
  void mark_returned(entry& entry);
  void mark_finished(entry& entry);
  void count_finished(std::size_t added);

  std::vector<entry> entries_;
  std::size_t returned_ = 0;
  std::size_t held_ = 0;
  std::size_t parked_ = 0;
  std::size_t finished_ = 0;
  offset first_returned_;     // none below it; what is left of a search
  bool any_refused_ = false;  // some entry may have refusals
};

}  // namespace headgate::broker::shard
