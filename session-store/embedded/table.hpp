#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "session-store/embedded/job.hpp"
#include "session-store/embedded/rocks.hpp"

namespace headgate::session_store::embedded {

// The stored sessions, as the store thread works on them: keys and values in RocksDB as FORMAT.md says, and what was
// found when they were opened. Only one thread at a time. Each job is a function, in a file of its own: it reads, and
// lists what it changes; whoever calls it writes that before the outcome is told.
struct table {
  std::unique_ptr<rocks> store;
  std::uint32_t engines = 1;
  std::uint64_t life = 1;  // this one
  // Earlier lives of which sessions may still be stored as held, and when they were noticed to have ended.
  std::map<std::uint64_t, std::uint64_t> ended_lives;
  // By engine and life: no due key of that engine and life is below this one. Spares sweeps the way past what earlier
  // ones have removed, and past what is due of other engines.
  std::vector<std::map<std::uint64_t, std::string>> due_from;
  // Wills that were given to be published have numbers; below this one those that earlier lives left so.
  std::uint64_t first_given = 1;
  std::uint64_t next_given = 1;
  std::vector<std::string> given_from;  // by engine: how far sweeps have looked among those
  std::uint64_t unreadable = 0;         // values that could not be decoded, since the start

  // Where a time of a life stands since 1970, or `never`.
  std::uint64_t since_1970(std::uint64_t of_life, std::uint64_t time_ms, std::uint64_t now_ms) const;
};

taken run(table& table, const take_job& job, std::uint32_t engine, changes& changes);
written run(table& table, const put_job& job, std::uint32_t engine, changes& changes);
written run(table& table, const erase_job& job, std::uint32_t engine, changes& changes);
forgotten run(table& table, const forget_will_job& job, std::uint32_t engine, changes& changes);
// Forgets what it gives only if the changes are written: `due_from` and `given_from` have to be set back otherwise.
swept_out run(table& table, const sweep_job& job, std::uint32_t engine, changes& changes);

// The due time of a session, which must not be there yet.
void add_due(table& table, const stored_value& value, std::string_view client_id, std::uint32_t engine,
             changes& changes);

// A will is given to be published: it stays under the number that this returns until that is forgotten.
std::uint64_t give_will(table& table, std::string_view client_id, std::string_view will, changes& changes);
// Gives once more what earlier lives have left, until `all` has `most`.
void give_left_wills(table& table, std::uint32_t engine, std::size_t most, std::vector<due>& all);

}  // namespace headgate::session_store::embedded
