#include <iterator>
#include <limits>

#include "config/field.hpp"
#include "config/sections.hpp"

namespace headgate::config {

namespace {

using base::limits;

constexpr std::uint64_t u32_max = std::numeric_limits<std::uint32_t>::max();

section in_memory() {
  return plain_section<limits>(
      "log", "The log in which messages above QoS 0 stand until all subscribers have them.",
      [](auto& settings) -> auto& { return settings.limits; },
      {
          size("memory_bytes", &limits::log_memory_bytes, {1U << 20, 1ULL << 40}, changes::at_restart,
               "Size of the log of a shard when it is in memory; the oldest messages go first"),
      });
}

section on_disk() {
  return plain_section<log>(
      "log", "", [](auto& settings) -> auto& { return settings.log; },
      {
          choice("commit", &log::commit,
                 {{"auto", log_commit::automatic},
                  {"memory", log_commit::memory},
                  {"os", log_commit::os},
                  {"disk", log_commit::disk}},
                 changes::at_restart,
                 "Where a message is before its publisher hears so. memory: in this process, with which the log ends; "
                 "os: handed to the system, so that it outlives the process; disk: on the device, so that it outlives "
                 "the machine, and sessions likewise. auto: os with a data_dir, memory without"),
          number("retention_age_s", &log::retention_age_s, {0, u32_max}, changes::at_restart,
                 "Seconds for which the log on disk keeps messages, also those that somebody has not read; 0: no "
                 "bound. The log goes by whole segments"),
          size("retention_bytes", &log::retention_bytes, {0, 1ULL << 50}, changes::at_restart,
               "Size of the log of a shard on disk, above which the oldest messages go; 0: no bound"),
          number("retention_disk_percent", &log::retention_disk_percent, {0, 100}, changes::at_restart,
                 "Per cent of the disk that may be in use, by whomever, before the oldest messages go; 0: no bound"),
          size("segment_bytes", &log::segment_bytes, {1U << 20, 1U << 30}, changes::at_restart,
               "Size of a file of the log on disk; the oldest one goes as a whole"),
      });
}

}  // namespace

section log_section() {
  auto made = in_memory();
  auto more = on_disk();
  made.keys.insert(made.keys.end(), std::move_iterator(more.keys.begin()), std::move_iterator(more.keys.end()));
  return made;
}

section session_store_section() {
  return plain_section<session_store>(
      "session_store", "The sessions of clients, with their subscriptions and what they have been sent.",
      [](auto& settings) -> auto& { return settings.session_store; },
      {
          choice("engine", &session_store::engine,
                 {{"auto", session_engine::automatic},
                  {"embedded", session_engine::embedded},
                  {"memory", session_engine::memory}},
                 changes::at_restart,
                 "Where they are kept. embedded: in data_dir, so that they outlive the process; memory: in this "
                 "process, with which they end. auto: embedded with a data_dir, memory without"),
      });
}

}  // namespace headgate::config
