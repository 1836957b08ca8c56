#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "admin/server.hpp"
#include "base/log_sink.hpp"
#include "broker/log/log_thread.hpp"
#include "broker/retained/retained_thread.hpp"
#include "config/settings.hpp"
#include "session-store/embedded/store_thread.hpp"
#include "shard-router/shard_map.hpp"
#include "worker/engines.hpp"

namespace headgate::cli {

// Where a process keeps its logs and sessions, as the settings say: in memory, or below data_dir,
//
//   log/CLUSTER/N     the log of the N-th shard of that cluster (broker/log/FORMAT.md)
//   sessions          the sessions of all workers (session-store/embedded/FORMAT.md)
//   retained          the retained messages of all shards whose logs are on disk (broker/retained/FORMAT.md)
//
// so that a cluster that comes or goes moves nobody else's log. Engines on disk share one log thread, one store
// thread and one thread for retained messages.
//
// The main thread makes it, and the workers with it; what was given to the constructor outlives it, and it outlives the
// workers.
class storage {
 public:
  // Opens what is on disk; data_dir is there and locked. Throws settings_error.
  storage(const config::settings& settings, const shard_router::shard_map& map, std::uint32_t workers,
          base::log_sink& lines);

  // Puts the engines that were asked for in the place of those that are there, for the worker of that id. They throw
  // settings_error when the worker makes them. `clock` outlives what they make.
  void choose(worker::engines& engines, base::worker_id worker, base::clock& clock);

  // All zero when sessions are in memory. Any thread.
  session_store::embedded::store_thread_view view_of_sessions() const;
  broker::retained::retained_thread_view view_of_retained() const;

 private:
  std::unique_ptr<broker::log::log_store> open_log(base::shard_id shard, base::mailbox& letters);
  void take_id(std::uint32_t id, const std::string& place);

  const config::settings settings_;
  const shard_router::shard_map& map_;
  base::log_sink& lines_;
  std::map<std::uint32_t, std::string> places_by_id_;                    // of the logs that are open
  std::unique_ptr<broker::log::log_thread> log_thread_;                  // null: no log is on disk
  std::unique_ptr<session_store::embedded::store_thread> store_thread_;  // null: no session is on disk
  std::unique_ptr<broker::retained::retained_thread> retained_thread_;   // null: no log is on disk
};

admin::storage_facts facts_of_storage(const config::settings& settings);

// How many files all of it may have open at once.
std::uint32_t files_of_storage(const config::settings& settings);

// "main/0": a shard by its cluster and its number there, in which it keeps its log whatever clusters come and go.
std::string place_of(base::shard_id shard, const shard_router::shard_map& map);

}  // namespace headgate::cli
