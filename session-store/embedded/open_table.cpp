#include "session-store/embedded/open_table.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/assert.hpp"
#include "base/hash.hpp"
#include "session-store/embedded/keys.hpp"

namespace headgate::session_store::embedded {
namespace {

using problem = std::optional<std::string>;

problem check_format(rocks& store, const std::string& directory, changes& changes) {
  std::string format;
  const auto found = store.read(format_key, format);
  if (found == rocks::found::failed) return store.damaged();
  if (found == rocks::found::yes) {
    if (format == format_value) return std::nullopt;
    return "the session store in " + directory +
           " was written by another version of Headgate, which this one does not know. Use that version, or move the "
           "directory away: clients that come back then begin new sessions.";
  }
  bool empty = true;
  const bool well = store.scan({}, "\xff", [&](std::string_view, std::string_view) { return empty = false; });
  if (!well) return store.damaged();
  if (!empty) {
    return "the directory " + directory +
           " holds a database of another program. Set data_dir to a directory of Headgate's own.";
  }
  changes.put(format_key, format_value);
  return std::nullopt;
}

bool is_due_in(rocks& store, std::uint64_t life, bool& any) {
  any = false;
  return store.scan(due_key(life, 0, {}), due_key(life + 1, 0, {}), [&](std::string_view, std::string_view) {
    any = true;
    return false;
  });
}

// Numbers this life, and notes the end of those before it; forgets those that left nothing that is due.
problem begin_life(table& table, std::uint64_t now_ms, changes& changes) {
  std::map<std::uint64_t, std::uint64_t> lives;
  const auto note = [&](std::string_view key, std::string_view value) {
    const auto life = life_of_key(key);
    const auto ended_ms = decode_life(base::as_bytes(value));
    // What cannot be read has ended, at the latest, now.
    if (life) lives[*life] = ended_ms ? *ended_ms : 0;
    return true;
  };
  auto& store = *table.store;
  if (!store.scan(std::string(1, key_kind::life), end_of(key_kind::life), note)) return store.damaged();
  for (auto& [life, ended_ms] : lives) {
    table.life = std::max(table.life, life + 1);
    bool any = false;
    if (!is_due_in(store, life, any)) return store.damaged();
    if (!any) {
      changes.erase(life_key(life));
      continue;
    }
    if (ended_ms == 0) changes.put(life_key(life), encode_life(ended_ms = std::max<std::uint64_t>(now_ms, 1)));
    table.ended_lives[life] = ended_ms;
  }
  changes.put(life_key(table.life), encode_life(0));
  return std::nullopt;
}

problem read_ids(rocks& store, std::vector<stored_ids>& ids) {
  const auto note = [&](std::string_view key, std::string_view) {
    const auto hash = base::hash_of(*client_id_of_session_key(key));
    ids[hash % ids.size()].insert(hash);
    return true;
  };
  if (store.scan(std::string(1, key_kind::session), end_of(key_kind::session), note, true)) return std::nullopt;
  return store.damaged();
}

// Numbers go on behind the wills that were given and not forgotten.
problem find_given_wills(table& table) {
  const auto note = [&](std::string_view key, std::string_view) {
    if (const auto place = place_of_given_will_key(key)) table.first_given = place->number + 1;
    return true;
  };
  auto& store = *table.store;
  if (!store.scan(std::string(1, key_kind::given_will), end_of(key_kind::given_will), note)) return store.damaged();
  table.next_given = table.first_given;
  for (auto& from : table.given_from) from = given_will_key(0, {});
  return std::nullopt;
}

}  // namespace

base::result<opened_table, std::string> open_table(const rocks::options& options, std::uint32_t engines,
                                                   std::uint64_t now_ms) {
  HEADGATE_ASSERT(engines > 0);
  auto store = rocks::open(options);
  if (!store) return store.error();
  opened_table opened;
  opened.table.store = std::move(*store);
  opened.table.engines = engines;
  opened.table.due_from.resize(engines);
  opened.table.given_from.resize(engines);
  opened.ids.resize(engines);
  changes first;
  if (auto wrong = check_format(*opened.table.store, options.directory, first)) return *wrong;
  if (auto wrong = begin_life(opened.table, now_ms, first)) return *wrong;
  if (auto wrong = find_given_wills(opened.table)) return *wrong;
  if (auto wrong = read_ids(*opened.table.store, opened.ids)) return *wrong;
  if (!opened.table.store->write(first)) {
    return "the session store in " + options.directory + " cannot be written (" + opened.table.store->problem() +
           "). Headgate needs to write to this directory, and room on its disk.";
  }
  return opened;
}

}  // namespace headgate::session_store::embedded
