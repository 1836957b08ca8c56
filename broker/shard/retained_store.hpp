#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/record/block.hpp"
#include "broker/shard/placed_record.hpp"

namespace headgate::broker::shard {

// Which retained messages are wanted: those that the filter matches, whose topics come behind `after` and whose offsets
// are below `below`, without those that have expired at `now_ms`.
struct retained_query {
  std::string_view filter;
  std::string_view after;
  record::offset below;
  std::uint32_t places = 0;     // at most so many, but at least one
  std::uint32_t max_bytes = 0;  // the answer ends soon after so many; at least one message is given
  std::uint64_t now_ms = 0;     // the shard's clock
};

// In the order of their topics. Each record stands in a batch of its own, whose base offset is the record's and whose
// timestamp is that of the batch that it came in.
struct retained_answer {
  std::vector<record::batch_ref> values;
  std::string cursor;  // what to ask for next: behind this topic
  bool done = false;   // there is no more
};

struct retained_view {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::uint64_t refused = 0;  // found no room
  std::uint64_t expired = 0;
  // Of an engine on a disk.
  std::uint64_t waiting_bytes = 0;  // applied and not written yet; a gauge
  std::uint64_t unreadable = 0;     // values that were passed over
  bool away = false;                // cannot be written
};

// The port to a shard's retained messages: the last one of each topic. It is a fold of the log and says how much of
// that it has. Owned and called by the shard's worker alone; what an engine does on another thread it announces through
// the base::mailbox that it was made with.
class retained_store {
 public:
  virtual ~retained_store() = default;

  // All that the log holds below is in the store, as surely_none() and scan() see it. How much of that outlives the
  // process is the engine's matter: after a start it says an offset below which nothing is missing.
  virtual record::offset applied() const = 0;
  // Whether apply() may be called. If not, the worker is woken when it may, and gives from the log what the store has
  // not been given: so no retained message is lost for want of room.
  virtual bool has_room() const { return true; }
  // The records with RETAIN of one batch, in order, replace those of their topics, and one without payload only erases
  // [MQTT-3.3.1-5, -6, -7]. With that all below `to` was given. Offsets ascend from call to call.
  virtual void apply(const record::batch_ref& batch, std::span<const placed_record> records, record::offset to) = 0;
  // Whether no message in the store can match the filter, for certain: spares most new subscriptions their scan.
  virtual bool surely_none(std::string_view filter) const = 0;
  // False: later; the same is asked again after the worker was woken.
  virtual bool scan(const retained_query& query, retained_answer& answer) = 0;
  virtual retained_view view() const = 0;
};

}  // namespace headgate::broker::shard
