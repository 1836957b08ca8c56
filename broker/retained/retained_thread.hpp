#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/mailbox.hpp"
#include "base/result.hpp"
#include "broker/retained/desk.hpp"
#include "broker/retained/stored_topics.hpp"
#include "broker/retained/tuning.hpp"
#include "broker/retained/view.hpp"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace headgate::broker::retained {

// The one thread that reads and writes the retained messages of a process, in one database, for all its shards: each
// has a number there, by the name that it keeps whatever other clusters come and go.
//
//   auto thread = retained_thread::open({.directory = data_dir + "/retained", .tell = …});     // before the workers
//   durable_retained_store store(**thread, "main/0", log.id(), letters);                       // each shard's worker
//
// It gathers what shards apply for some milliseconds and writes it as one batch a shard, with the place in the shard's
// log up to which that goes. A question is answered when all that was applied before it is written; of several, in the
// order in which they came, each in so many steps at most; after some milliseconds of one shard's others have their
// turn.
//
// When a write fails the store is away: what was applied is kept in memory, questions are answered from that and from
// the disk, so subscribers wait for nothing; each second it is tried again. `tell` hears of it, and of the end of it.
// When so much is kept that a shard's bound is reached, that shard has no room: it reads from its log later what it
// could not give, and questions about that wait at the shard.
//
// Threads: open() and the destructor in one; everything else from any, for one shard from its worker's alone. Lifetime:
// it outlives its shards' stores; the mailbox of each is there until leave() has returned. The destructor writes what
// waits, and joins. Tools that list threads show it as headgate-retain.
class retained_thread {
 public:
  struct options {
    std::string directory;
    std::function<void(std::string_view sentence)> tell = {};  // in the thread; may be empty
    std::uint32_t retry_ms = retained::retry_ms;
    std::uint32_t gather_ms = retained::gather_ms;
    std::uint64_t max_waiting_bytes = retained::max_waiting_bytes;  // of one shard
    rocksdb::Env* env = nullptr;                                    // of tests
  };
  // Or a sentence that says what is wrong and what to do. Blocks until the keys of all topics have been read: half a
  // second for a million.
  static base::result<std::unique_ptr<retained_thread>, std::string> open(options options);
  ~retained_thread();

  struct entered {
    std::shared_ptr<retained::desk> desk;
    stored_topics topics;
    record::offset applied;  // in the log `log_id`: 0 if the store knows another one of this shard
  };
  // What is stored of the shard with this name; one store at a time has it.
  entered enter(std::string_view shard, std::uint32_t log_id, base::mailbox& letters, asker& asker);
  // Waits until what the shard has given is written, or kept while the store is away; gives the shard back. What has
  // not been told never will be.
  void leave(std::string_view shard, desk& desk, stored_topics&& topics);

  // Something was put on a desk: to be done at once, or when more has been gathered.
  enum class urgency : std::uint8_t { soon, now };
  void wake(urgency urgency);

  std::uint64_t max_waiting_bytes() const;
  bool is_away() const;
  retained_thread_view view() const;

 private:
  struct state;
  explicit retained_thread(std::unique_ptr<state> state);
  std::unique_ptr<state> state_;
};

}  // namespace headgate::broker::retained
