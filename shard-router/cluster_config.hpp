#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "shard-router/errc.hpp"
#include "shard-router/shard_map.hpp"

namespace headgate::shard_router {

// Port: where all processes keep the one shard map. A call completes now, before it returns, or later, from the loop of
// the thread that called; callers support both, and may call again from within a completion. What is still open when
// the engine is destroyed is dropped without a call. One thread; an engine that others have a part in posts to that
// thread.
class cluster_config {
 public:
  using map_pointer = std::shared_ptr<const shard_map>;
  using map_done = std::function<void(result<map_pointer>)>;
  using watch_id = std::uint64_t;

  virtual ~cluster_config() = default;

  // The newest map, or null when none was stored yet. errc::config_unavailable.
  virtual void get(map_done done) = 0;

  // Stores `next`, of version expected_version + 1, if the newest has `expected_version` (0: there is none), and
  // completes with it. errc::version_conflict: nothing was stored; get() the newest and make the change anew.
  // errc::config_unavailable: it may have been stored or not.
  virtual void compare_and_set(std::uint64_t expected_version, map_pointer next, map_done done) = 0;

  // Calls `changed` with the newest map, if there is one, and from then on with newer ones until unwatch(). Versions
  // only grow; some may be left out when they follow each other quickly, but never the newest. Also for changes of
  // one's own, in no promised order with the completion of their compare_and_set().
  virtual watch_id watch(std::function<void(const map_pointer&)> changed) = 0;
  // No call comes after it. From within `changed` too; an id that is no longer known is let be.
  virtual void unwatch(watch_id id) = 0;
};

}  // namespace headgate::shard_router
