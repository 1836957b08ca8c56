#include "tests/sim/book.hpp"

#include <algorithm>
#include <utility>

#include "tests/sim/trace.hpp"

namespace headgate::sim {

// What stays of a message that came more than once counts by the step in which that came.
void book::taken_back(base::shard_id shard, std::uint64_t end) {
  auto& log = logs_[shard.value];
  while (!log.empty() && log.back().offset >= end) {
    const auto last = log.back();
    log.pop_back();
    strike_last(last);
    auto& message = all_[last.message];
    message.was_refused = true;
    const auto before =
        std::find_if(log.rbegin(), log.rend(), [&](const auto& one) { return one.message == last.message; });
    if (before != log.rend()) message.logged_step = before->step;
  }
}

// A topic has one log, so what is retained of it stands in the order of that.
std::vector<std::uint32_t> book::found(base::shard_id shard, const std::vector<logged_message>& there) {
  const auto before = std::exchange(logs_[shard.value], {});
  for (auto one = before.rbegin(); one != before.rend(); ++one) strike_last(*one);
  std::vector<std::uint32_t> lost;
  auto known = before.begin();
  const auto lose = [&] {
    if (known->offset < told_[shard.value]) {
      throw violation("message " + std::to_string(known->message) + " at offset " + std::to_string(known->offset) +
                      " of shard " + std::to_string(shard.value) + " was committed, and is lost");
    }
    lost.push_back((known++)->message);
  };
  for (auto one : there) {
    while (known != before.end() && known->offset < one.offset) lose();
    // One that was refused may come back: then it is as if it came now.
    if (known != before.end() && known->offset == one.offset) one.step = (known++)->step;
    enter(shard, one);
  }
  while (known != before.end()) lose();
  return lost;
}

}  // namespace headgate::sim
