#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/mailbox.hpp"
#include "broker/retained/question.hpp"
#include "broker/retained/rocks.hpp"
#include "broker/retained/stored_value.hpp"

namespace headgate::broker::retained {

// Who asks. Told in its own worker's thread, by a letter.
class asker {
 public:
  virtual ~asker() = default;
  virtual void on_found(std::vector<found_values>&& found) = 0;
};

// Where one shard and the thread hand each other things. The shard adds under the mutex, the thread takes it all.
struct desk {
  desk(std::uint32_t number, std::uint32_t log_id, base::mailbox& letters, asker& to)
      : number(number), log_id(log_id), letters(letters), to(std::make_shared<asker*>(&to)) {}

  const std::uint32_t number;
  const std::uint32_t log_id;
  base::mailbox& letters;
  const std::shared_ptr<asker*> to;  // belongs to the shard's worker: nullptr once the shard has left

  std::mutex mutex;  // of what follows
  changes pending;
  record::offset applied;  // with them
  bool given = false;      // `pending`, `applied` or both are new
  std::vector<question> questions;
  bool busy = false;  // the thread has taken something and is not done with it
  bool left = false;  // nobody is told anything any more
  std::condition_variable done;

  std::atomic<std::uint64_t> waiting_bytes = 0;  // pending, being written, or kept while the store is away
  std::atomic<bool> wants_room = false;          // a letter when there is some
  std::atomic<std::uint64_t> stored_bytes = 0;   // about
  std::atomic<std::uint64_t> unreadable = 0;
};

}  // namespace headgate::broker::retained
