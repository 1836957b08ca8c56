#include "session-store/embedded/table.hpp"

#include <utility>

#include "session-store/embedded/keys.hpp"

namespace headgate::session_store::embedded {

std::uint64_t table::since_1970(std::uint64_t of_life, std::uint64_t time_ms, std::uint64_t now_ms) const {
  if (of_life == nobodys_life || time_ms == never) return time_ms;
  const auto ended = ended_lives.find(of_life);
  // A life that left no due time is not listed: then none of its sessions ends.
  return (ended == ended_lives.end() ? now_ms : ended->second) + time_ms;
}

void add_due(table& table, const stored_value& value, std::string_view client_id, std::uint32_t engine,
             changes& changes) {
  const auto at_ms = value.due_ms();
  if (at_ms == never) return;
  auto key = due_key(value.life, at_ms, client_id);
  changes.put(key, {});
  if (value.life != nobodys_life) return;
  auto& from = table.due_from[engine][nobodys_life];
  if (key < from) from = std::move(key);
}

written run(table& table, const put_job& job, std::uint32_t engine, changes& changes) {
  changes.put(session_key(job.client_id), encode(job.value));
  if (job.due_stays) return {};
  if (job.was_due && *job.was_due != never) changes.erase(due_key(table.life, *job.was_due, job.client_id));
  add_due(table, job.value, job.client_id, engine, changes);
  if (!job.will) return {};
  if (job.value.has_will) {
    changes.put(will_key(job.client_id), *job.will);
  } else {
    changes.erase(will_key(job.client_id));
  }
  return {};
}

written run(table& table, const erase_job& job, std::uint32_t, changes& changes) {
  changes.erase(session_key(job.client_id));
  if (job.had_will) changes.erase(will_key(job.client_id));
  if (job.was_due != never) changes.erase(due_key(table.life, job.was_due, job.client_id));
  return {};
}

}  // namespace headgate::session_store::embedded
