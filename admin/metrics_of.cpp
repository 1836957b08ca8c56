#include <prometheus/text_serializer.h>

#include "admin/metrics.hpp"

namespace headgate::admin {

std::vector<prometheus::MetricFamily> metrics_of(const measures& measures, const process_numbers& process) {
  const auto totals = total_of(measures);
  families out;
  out.reserve(128);
  add_client_metrics(out, measures, totals);
  add_door_metrics(out, measures, totals);
  add_message_metrics(out, totals);
  add_session_metrics(out, measures, totals);
  add_queue_metrics(out, measures, totals);
  add_shard_metrics(out, measures, totals);
  add_disk_metrics(out, measures, totals);
  add_turn_metrics(out, measures);
  add_process_metrics(out, measures, process);
  return out;
}

std::string metrics_text(const std::vector<prometheus::MetricFamily>& families) {
  return prometheus::TextSerializer().prometheus::Serializer::Serialize(families);
}

}  // namespace headgate::admin
