#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

#include "base/ids.hpp"
#include "base/log_sink.hpp"
#include "base/mailbox.hpp"
#include "broker/log/segmented_log.hpp"
#include "tests/sim/book.hpp"
#include "tests/sim/lifeline.hpp"
#include "tests/support/fake_disk.hpp"
#include "tests/support/mortal_retained_store.hpp"
#include "tests/support/mortal_session_store.hpp"
#include "tests/unit/property.hpp"

namespace headgate::sim {

// Thrown where a start cannot go on, since the process was killed in it.
struct killed_in_start : std::runtime_error {
  killed_in_start() : std::runtime_error("the process was killed") {}
};

// What is left when a process dies: the disks of the logs, the stored sessions and the retained messages; and the
// threads beside the workers, which the run moves by hand. One disk a shard.
class machine {
 public:
  machine(const broker::log::segmented_log_options& options, tests::dice& dice, lifeline& life)
      : options_(options), dice_(dice), life_(life) {}
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;

  void set_size(std::size_t shards, std::size_t workers);
  // The process is dead, and with it what was under way: nothing of it may be used from here on. `power`: the whole
  // machine was, and has forgotten what was not synced.
  void end_process(bool power);
  void begin_process(std::uint64_t now_ms);

  std::unique_ptr<broker::log::log_store> open_log(base::shard_id shard, base::mailbox& letters, base::log_sink& lines);
  tests::stored_sessions& sessions(std::size_t worker) { return sessions_[worker]; }
  const tests::stored_sessions& sessions(std::size_t worker) const { return sessions_[worker]; }
  broker::tests::retained_history& retained(base::shard_id shard) { return shards_[shard.value]->retained; }

  // What stands in a log, read past all that a server has for it.
  std::vector<logged_message> read_log(base::shard_id shard, const book& book);

  // The log thread of a shard does the next that it was asked for; whether there was anything.
  bool work(std::size_t shard) { return shards_[shard]->log_thread.run_one(); }
  bool work_all();
  void fill_disk(std::size_t shard, std::uint64_t bytes_left) {
    auto& disk = shards_[shard]->disk;
    disk.capacity = disk.used() + bytes_left;
  }
  void free_disks() {
    for (auto& shard : shards_) shard->disk.capacity = ~std::uint64_t{0};
  }
  // The pages of a shard's files go from memory, or may be there.
  void set_cold(std::size_t shard, bool is_cold) { shards_[shard]->disk.is_cold = is_cold; }

 private:
  struct shard_things {
    broker::tests::fake_disk disk;
    broker::tests::manual_background log_thread;
    broker::tests::retained_history retained;
  };

  broker::log::segmented_log_options options_;
  tests::dice& dice_;
  lifeline& life_;
  std::vector<std::unique_ptr<shard_things>> shards_;
  std::vector<tests::stored_sessions> sessions_;
};

}  // namespace headgate::sim
