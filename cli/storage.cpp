#include "cli/storage.hpp"

#include <filesystem>
#include <random>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "broker/log/log_identity.hpp"
#include "broker/log/memory_log.hpp"
#include "broker/log/posix_disk.hpp"
#include "broker/log/recover.hpp"
#include "broker/log/segmented_log.hpp"
#include "broker/retained/durable_retained_store.hpp"
#include "broker/retained/tuning.hpp"
#include "net/system_clock.hpp"
#include "session-store/embedded/embedded_session_store.hpp"
#include "session-store/embedded/tuning.hpp"

namespace headgate::cli {

namespace {

namespace log = broker::log;
namespace embedded = session_store::embedded;

// Of a log: its directory and identity, the segment that it writes and the next one, those that are read, and some that
// the log thread has in hand.
constexpr std::uint32_t files_of_a_log = 56;
// Of the sessions beside their tables: the write-ahead log, the manifest, the lock and the like.
constexpr std::uint32_t files_beside_tables = 16;

// A shard's log begins anew with each start when it is in memory, and sessions may remember the one before it.
std::uint32_t new_log_id() {
  std::random_device device;
  for (;;) {
    if (const auto id = static_cast<std::uint32_t>(device()); id != 0) return id;
  }
}

log::segmented_log_options options_of(const config::settings& settings) {
  constexpr std::uint64_t second_ms = 1000;
  log::segmented_log_options options;
  options.segment_bytes = settings.log.segment_bytes;
  options.commit =
      config::log_commit_of(settings) == config::log_commit::disk ? log::commit_policy::disk : log::commit_policy::os;
  options.retention = {settings.log.retention_age_s * second_ms, settings.log.retention_bytes,
                       settings.log.retention_disk_percent};
  return options;
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw config::settings_error("the log in " + path + " cannot be used: " + why);
}

std::string what_to_do_about(log::errc error) {
  switch (error) {
    case log::errc::not_allowed:
      return ": give it to the user that Headgate runs as (chown -R), and see that the limit of open files is not "
             "reached";
    case log::errc::no_space:
      return ": make room, or set data_dir to a directory on another disk";
    case log::errc::unknown_version:
      return ": use that version, or move the directory away, and the messages in it: a new log begins then";
    case log::errc::failed:
    case log::errc::not_found:
    case log::errc::would_wait:
    case log::errc::damaged:
    case log::errc::too_small:
      return ": see what the system says of this disk (dmesg); restore the directory, or move it away, and the "
             "messages "
             "in it: a new log begins then";
  }
  return "";
}

std::unique_ptr<log::directory> directory_of_log(const std::string& data_dir, const std::string& place) {
  auto path = data_dir + "/log";
  const auto make = [&] {
    auto made = log::make_posix_directory(path);
    if (!made) refuse(path, std::string(log::explain(made.error())) + what_to_do_about(made.error()));
    return std::move(*made);
  };
  make();
  const auto slash = place.find('/');
  path += "/" + place.substr(0, slash);
  make();
  path += place.substr(slash);
  return make();
}

std::string count(std::uint64_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

// What was not as an orderly end leaves it.
void say_what_was_found(const log::recovered_log& found, const std::string& place, base::log_sink& lines) {
  std::string what;
  const auto add = [&](std::uint64_t number, const std::string& noun, std::string_view of_it) {
    if (number == 0) return;
    what += (what.empty() ? " " : ", ") + count(number, noun);
    what += of_it;
  };
  add(found.segments_scanned, "segment", " without an index read through");
  add(found.bytes_cut, "byte", " of an unfinished batch cut off the end");
  add(found.bytes_damaged, "byte", " damaged and left out");
  if (what.empty()) return;
  const auto text = "the log of shard " + place + " was not closed in order:" + what;
  const base::log_field fields[] = {{"shard", place}};
  const auto severity = found.bytes_damaged > 0 ? base::severity::warning : base::severity::info;
  lines.write({.severity = severity, .event = "log_recovered", .text = text, .fields = fields});
}

// Places below the directory of logs that have a log, by their names; none if there is no such directory.
std::set<std::string> places_in(const std::filesystem::path& logs) {
  std::set<std::string> places;
  std::error_code ignored;
  for (const auto& cluster : std::filesystem::directory_iterator(logs, ignored)) {
    for (const auto& shard : std::filesystem::directory_iterator(cluster.path(), ignored)) {
      if (!std::filesystem::exists(shard.path() / log::identity_name, ignored)) continue;
      places.insert(cluster.path().filename().string() + "/" + shard.path().filename().string());
    }
  }
  return places;
}

// Logs of clusters or shards that the settings had once.
void say_what_is_left_over(const std::string& logs, const shard_router::shard_map& map, base::log_sink& lines) {
  auto places = places_in(logs);
  for (std::uint16_t shard = 0; shard < map.shard_count(); ++shard) places.erase(place_of(base::shard_id{shard}, map));
  if (places.empty()) return;
  std::string list;
  for (const auto& place : places) list += (list.empty() ? "" : ", ") + place;
  const auto text = "in " + logs +
                    " are logs of shards that the settings no longer have, whose messages reach nobody: " + list +
                    "; set clusters.NAME.shards as they were, or remove these directories";
  lines.write({.severity = base::severity::warning, .event = "log_left_over", .text = text, .fields = {}});
}

}  // namespace

storage::storage(const config::settings& settings, const shard_router::shard_map& map, std::uint32_t workers,
                 base::log_sink& lines)
    : settings_(settings), map_(map), lines_(lines) {
  const auto commit = config::log_commit_of(settings);
  if (commit != config::log_commit::memory) {
    log_thread_ = std::make_unique<log::log_thread>();
    say_what_is_left_over(settings.data_dir + "/log", map, lines);
  }
  const auto tell_of = [&lines](std::string_view event) {
    return [&lines, event](std::string_view sentence) {
      lines.write({.severity = base::severity::warning, .event = event, .text = sentence, .fields = {}});
    };
  };
  if (log_thread_) {
    auto opened = broker::retained::retained_thread::open(
        {.directory = settings.data_dir + "/retained", .tell = tell_of("retained_store")});
    if (!opened) throw config::settings_error(opened.error());
    retained_thread_ = std::move(*opened);
  }
  if (config::session_engine_of(settings) == config::session_engine::memory) return;
  auto opened = embedded::store_thread::open({.directory = settings.data_dir + "/sessions",
                                              .engines = workers,
                                              .sync = commit == config::log_commit::disk,
                                              .now = net::system_clock().now(),
                                              .tell = tell_of("session_store")});
  if (!opened) throw config::settings_error(opened.error());
  store_thread_ = std::move(*opened);
}

// Retained messages are on disk where their logs are: what one loses, the other gives it again.
void storage::choose(worker::engines& engines, base::worker_id worker, base::clock& clock) {
  engines.log = [this](base::shard_id shard, base::mailbox& letters) { return open_log(shard, letters); };
  if (retained_thread_) {
    engines.retained = [this](base::shard_id shard, const log::log_store& of_shard, base::mailbox& letters) {
      return std::make_unique<broker::retained::durable_retained_store>(*retained_thread_, place_of(shard, map_),
                                                                        of_shard.id(), letters);
    };
  }
  if (!store_thread_) return;
  engines.sessions = [this, worker, &clock](session_store::answers& answers, base::mailbox& letters) {
    return std::make_unique<embedded::embedded_session_store>(*store_thread_, worker.value, answers, letters, clock,
                                                              settings_.limits.max_stored_sessions);
  };
}

embedded::store_thread_view storage::view_of_sessions() const {
  return store_thread_ ? store_thread_->view() : embedded::store_thread_view{};
}

broker::retained::retained_thread_view storage::view_of_retained() const {
  return retained_thread_ ? retained_thread_->view() : broker::retained::retained_thread_view{};
}

std::unique_ptr<log::log_store> storage::open_log(base::shard_id shard, base::mailbox& letters) {
  if (!log_thread_) return std::make_unique<log::memory_log>(settings_.limits.log_memory_bytes, new_log_id());
  const auto place = place_of(shard, map_);
  auto directory = directory_of_log(settings_.data_dir, place);
  auto found = log::recover(*directory, new_log_id());
  if (!found) {
    const auto& error = found.error();
    const bool of_the_disk = error.why == log::recovery_error::reason::of_the_disk;
    refuse(settings_.data_dir + "/log/" + place,
           log::explain(error) + (of_the_disk ? what_to_do_about(error.what) : ""));
  }
  take_id(found->identity.id, place);
  say_what_was_found(*found, place, lines_);
  return std::make_unique<log::segmented_log>(std::move(directory), std::move(*found), options_of(settings_),
                                              log::log_surroundings{*log_thread_, letters, lines_, place});
}

// Positions in one would be taken for positions in the other.
void storage::take_id(std::uint32_t id, const std::string& place) {
  const auto [known, is_new] = places_by_id_.emplace(id, place);
  if (!is_new) {
    refuse(settings_.data_dir + "/log/" + place,
           "it is a copy of " + known->second + "; move one of the two directories away");
  }
}

admin::storage_facts facts_of_storage(const config::settings& settings) {
  admin::storage_facts facts;
  const auto commit = config::log_commit_of(settings);
  if (commit == config::log_commit::memory) {
    facts.log_bytes_most = settings.limits.log_memory_bytes;
  } else {
    facts.log = commit == config::log_commit::disk ? "disk" : "os";
    facts.retention_age_s = settings.log.retention_age_s;
    facts.retention_bytes = settings.log.retention_bytes;
    facts.retention_disk_percent = settings.log.retention_disk_percent;
    facts.log_bytes_most = settings.log.retention_bytes;
  }
  if (config::session_engine_of(settings) == config::session_engine::embedded) facts.sessions = "embedded";
  return facts;
}

std::uint32_t files_of_storage(const config::settings& settings) {
  std::uint32_t files = 0;
  if (config::log_commit_of(settings) != config::log_commit::memory) {
    for (const auto& cluster : settings.clusters) files += cluster.shards * files_of_a_log;
    files += broker::retained::max_open_files + files_beside_tables;
  }
  if (config::session_engine_of(settings) != config::session_engine::memory) {
    files += embedded::max_open_files + files_beside_tables;
  }
  return files;
}

std::string place_of(base::shard_id shard, const shard_router::shard_map& map) {
  std::size_t cluster = 0;
  while (map.first_shard_of(cluster + 1) <= shard.value) ++cluster;
  return map.clusters()[cluster].name + "/" + std::to_string(shard.value - map.first_shard_of(cluster));
}

}  // namespace headgate::cli
