#include "config/field.hpp"
#include "config/sections.hpp"
#include "shard-router/routing_key.hpp"

namespace headgate::config {

section top_section() {
  return plain_section<settings>(
      "", "The process as a whole.", [](auto& settings) -> auto& { return settings; },
      {
          text(
              "data_dir", &settings::data_dir, [](const std::string&) { return true; },
              "the path of a directory, or nothing", changes::at_restart,
              "Directory that belongs to this server alone, which locks it. In it are kept the log and retained "
              "messages "
              "(log.commit), and sessions (session_store.engine); empty: nothing is kept on disk"),
          number("workers", &settings::workers, {0, 64}, changes::at_restart,
                 "Threads that serve clients; 0: the machine's cores less one, at least 1"),
      });
}

section routing_section() {
  return plain_section<settings>(
      "routing", "How topics are divided among shards.", [](auto& settings) -> auto& { return settings; },
      {
          number("key_levels", &settings::key_levels, {0, shard_router::max_key_levels}, changes::at_restart,
                 "Levels of a topic that choose its shard; 0: all of them. Messages keep their order among topics that "
                 "begin with the same levels"),
      });
}

section sys_section() {
  return plain_section<settings>(
      "sys", "The topics below $SYS.", [](auto& settings) -> auto& { return settings; },
      {
          number("interval_s", &settings::sys_interval_s, {0, 3600}, changes::at_reload,
                 "Seconds between two publications of the $SYS topics; 0: they are not published"),
      });
}

}  // namespace headgate::config
