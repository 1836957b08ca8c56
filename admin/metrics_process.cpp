#include "admin/metric_builder.hpp"
#include "admin/metrics.hpp"

namespace headgate::admin {

namespace {

void add_limits(families& out, const base::limits& limits) {
  gauge(out, "headgate_setting", "Limits in force, by their key in the configuration.")
      .add(limits.max_packet_bytes, {{"key", "limits.max_packet_bytes"}})
      .add(limits.max_output_bytes, {{"key", "limits.max_output_bytes"}})
      .add(limits.max_inflight, {{"key", "limits.max_inflight"}})
      .add(limits.inflight_in, {{"key", "limits.max_inflight_in"}})
      .add(limits.topic_aliases, {{"key", "limits.topic_aliases"}})
      .add(limits.max_subscriptions, {{"key", "limits.max_subscriptions"}})
      .add(limits.topic_entries, {{"key", "limits.topic_entries"}})
      .add(limits.max_clients, {{"key", "limits.max_clients"}})
      .add(limits.log_memory_bytes, {{"key", "log.memory_bytes"}})
      .add(limits.retained_memory_bytes, {{"key", "retained.memory_bytes"}})
      .add(limits.max_stored_sessions, {{"key", "limits.max_stored_sessions"}})
      .add(limits.max_keep_alive_s, {{"key", "limits.max_keep_alive_s"}})
      .add(limits.connect_timeout_s, {{"key", "limits.connect_timeout_s"}});
}

}  // namespace

void add_process_metrics(families& out, const measures& measures, const process_numbers& process) {
  gauge(out, "headgate_build_info", "Always 1; the labels say what runs.")
      .add(1, {{"version", measures.facts.version}});
  add_limits(out, measures.facts.limits);
  counter(out, "headgate_log_lines_total", "Lines written to the log for people.").add(measures.log_lines);
  counter(out, "headgate_log_lines_lost_total",
          "Log lines that found no reader, or were left out as they were too many.")
      .add(measures.log_lines_lost);
  counter(out, "headgate_client_log_lines_left_out_total",
          "Log lines about clients that workers left out as they were too many.")
      .add(total_of(measures).gateway.log_lines_left_out);
  counter(out, "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.")
      .add(process.cpu_seconds);
  gauge(out, "process_resident_memory_bytes", "Resident memory size in bytes.").add(process.resident_bytes);
  gauge(out, "process_virtual_memory_bytes", "Virtual memory size in bytes.").add(process.virtual_bytes);
  gauge(out, "process_open_fds", "Number of open file descriptors.").add(process.open_descriptors);
  gauge(out, "process_max_fds", "Maximum number of open file descriptors.").add(process.max_descriptors);
  gauge(out, "process_start_time_seconds", "Start time of the process since unix epoch in seconds.")
      .add(process.start_seconds);
  gauge(out, "process_threads", "Number of OS threads in the process.").add(process.threads);
}

}  // namespace headgate::admin
