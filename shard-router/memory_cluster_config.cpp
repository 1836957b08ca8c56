#include "shard-router/memory_cluster_config.hpp"

#include <utility>

#include "base/assert.hpp"

namespace headgate::shard_router {

void memory_cluster_config::get(map_done done) {
  complete([this, done = std::move(done)] { done(newest_); });
}

void memory_cluster_config::compare_and_set(std::uint64_t expected_version, map_pointer next, map_done done) {
  HEADGATE_ASSERT(next && next->version() == expected_version + 1);
  complete([this, expected_version, next = std::move(next), done = std::move(done)] {
    if (expected_version != (newest_ ? newest_->version() : 0)) return done(errc::version_conflict);
    newest_ = next;
    std::vector<watch_id> ids;  // those of now: a call may add and take away
    for (const auto& [id, watch] : watches_) ids.push_back(id);
    for (const auto id : ids) show(id);
    done(next);
  });
}

auto memory_cluster_config::watch(std::function<void(const map_pointer&)> changed) -> watch_id {
  const auto id = ++last_watch_;
  watches_.emplace(id, watch_entry{std::move(changed)});
  complete([this, id] { show(id); });
  return id;
}

void memory_cluster_config::run() {
  while (!open_.empty()) {
    for (const auto& completion : std::exchange(open_, {})) completion();
  }
}

void memory_cluster_config::complete(std::function<void()> completion) {
  if (completes_ == completes::now) return completion();
  open_.push_back(std::move(completion));
}

// Shows the newest map to a watch that has not seen it.
void memory_cluster_config::show(watch_id id) {
  const auto found = watches_.find(id);
  if (found == watches_.end() || !newest_ || newest_->version() <= found->second.seen) return;
  found->second.seen = newest_->version();
  // Copies: the call may end the watch or store a newer map.
  const auto changed = found->second.changed;
  const auto map = newest_;
  changed(map);
}

}  // namespace headgate::shard_router
