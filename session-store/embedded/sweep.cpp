#include <algorithm>
#include <utility>

#include "base/hash.hpp"
#include "base/limits.hpp"
#include "session-store/embedded/keys.hpp"
#include "session-store/embedded/table.hpp"
#include "session-store/embedded/tuning.hpp"

namespace headgate::session_store::embedded {
namespace {

struct due_session {
  std::uint64_t at_ms = 0;
  std::string client_id;
};

// Lists what is due of this engine in one life, and notes how far it has looked.
void look(table& table, std::uint32_t engine, std::uint64_t life, std::uint64_t until_ms, std::size_t most,
          std::vector<due_session>& all) {
  auto& from = table.due_from[engine][life];
  if (from.empty()) from = due_key(life, 0, {});
  auto next = due_key(life, until_ms + 1, {});
  if (next <= from) return;
  std::size_t looked_at = 0;
  const bool well = table.store->scan(from, std::string(next), [&](std::string_view key, std::string_view) {
    const auto place = place_of_due_key(key);
    if (!place) return true;
    if (all.size() == most || ++looked_at > looked_at_per_sweep) {
      next = key;
      return false;
    }
    if (base::hash_of(place->client_id) % table.engines != engine) return true;
    all.push_back({place->at_ms, std::string(place->client_id)});
    return true;
  });
  if (well) from = std::move(next);
}

// The session has ended: nothing of it stays.
void end(const due_session& due, std::uint64_t life, bool has_will, swept_out& outcome, changes& changes) {
  changes.erase(session_key(due.client_id));
  if (has_will) changes.erase(will_key(due.client_id));
  changes.erase(due_key(life, due.at_ms, due.client_id));
  outcome.ended.push_back(base::hash_of(due.client_id));
}

// It could not be read.
void look_again(table& table, std::uint32_t engine, std::uint64_t life, const due_session& due) {
  auto& from = table.due_from[engine][life];
  from = std::min(from, due_key(life, due.at_ms, due.client_id));
}

// The record decides: a due time that does not belong to it is removed and says nothing.
void take_due(table& table, const sweep_job& job, std::uint32_t engine, std::uint64_t life, const due_session& due,
              swept_out& outcome, changes& changes) {
  std::string bytes;
  const auto found = table.store->read(session_key(due.client_id), bytes);
  if (found == rocks::found::failed) return look_again(table, engine, life, due);
  if (found == rocks::found::no) return changes.erase(due_key(life, due.at_ms, due.client_id));
  auto value = decode_stored_value(base::as_bytes(bytes));
  if (!value) {
    ++table.unreadable;
    outcome.all.push_back({due.client_id, {}});
    return end(due, life, true, outcome, changes);
  }
  if (value->life != life || value->due_ms() != due.at_ms) {
    return changes.erase(due_key(life, due.at_ms, due.client_id));
  }
  std::string will;
  if (value->has_will) {
    const auto has_will = table.store->read(will_key(due.client_id), will);
    if (has_will == rocks::found::failed) return look_again(table, engine, life, due);
    if (has_will == rocks::found::no) will.clear();
  }
  const auto number = will.empty() ? 0 : give_will(table, due.client_id, will, changes);
  outcome.all.push_back({due.client_id, std::move(will), number});
  const auto ends_ms = table.since_1970(life, value->ends_ms, job.now_ms);
  if (ends_ms <= job.now_ms) {
    outcome.epoch = std::max(outcome.epoch, value->epoch);
    return end(due, life, value->has_will, outcome, changes);
  }
  // Its will is gone, the session stays: nobody holds it.
  changes.erase(will_key(due.client_id));
  changes.erase(due_key(life, due.at_ms, due.client_id));
  value->life = nobodys_life;
  value->has_will = false;
  value->will_ms = never;
  value->ends_ms = ends_ms;
  value->saved = true;
  changes.put(session_key(due.client_id), encode(*value));
  add_due(table, *value, due.client_id, engine, changes);
}

}  // namespace

swept_out run(table& table, const sweep_job& job, std::uint32_t engine, changes& changes) {
  swept_out outcome;
  std::vector<due_session> all;
  const auto sweep_life = [&](std::uint64_t life, std::uint64_t until_ms) {
    all.clear();
    look(table, engine, life, until_ms, base::due_per_sweep - outcome.all.size(), all);
    for (const auto& due : all) take_due(table, job, engine, life, due, outcome, changes);
  };
  give_left_wills(table, engine, base::due_per_sweep, outcome.all);
  sweep_life(nobodys_life, job.now_ms);
  for (const auto& [life, ended_ms] : table.ended_lives) {
    if (ended_ms <= job.now_ms) sweep_life(life, job.now_ms - ended_ms);
  }
  return outcome;
}

}  // namespace headgate::session_store::embedded
