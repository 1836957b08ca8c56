#pragma once

#include <map>

#include "shard-router/cluster_config.hpp"

namespace headgate::shard_router {

// The engine for one process, and the reference for the others: the map is gone with it. `now`: everything completes
// before the call returns. `later`: when run() is called, in the order of the calls, so that tests see callers wait.
class memory_cluster_config final : public cluster_config {
 public:
  enum class completes : std::uint8_t { now, later };
  explicit memory_cluster_config(completes completes = completes::now) : completes_(completes) {}

  void get(map_done done) override;
  void compare_and_set(std::uint64_t expected_version, map_pointer next, map_done done) override;
  watch_id watch(std::function<void(const map_pointer&)> changed) override;
  void unwatch(watch_id id) override { watches_.erase(id); }

  // Completes what is open, also what that starts.
  void run();

 private:
  struct watch_entry {
    std::function<void(const map_pointer&)> changed;
    std::uint64_t seen = 0;  // version
  };

  void complete(std::function<void()> completion);
  void show(watch_id id);

  completes completes_;
  map_pointer newest_;
  std::map<watch_id, watch_entry> watches_;
  watch_id last_watch_ = 0;
  std::vector<std::function<void()>> open_;
};

}  // namespace headgate::shard_router
