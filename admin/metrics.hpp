#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "admin/process_numbers.hpp"
#include "admin/server.hpp"
#include "admin/totals.hpp"

namespace headgate::admin {

// Everything that /metrics says, by the conventions of Prometheus. Counters are summed over workers unless the worker
// matters. No label has a value that clients choose, so there are as many series as workers and shards ask for.
std::vector<prometheus::MetricFamily> metrics_of(const measures& measures, const process_numbers& process);

// In the text format 0.0.4.
std::string metrics_text(const std::vector<prometheus::MetricFamily>& families);

// The parts, each in a file of its own.
using families = std::vector<prometheus::MetricFamily>;
void add_door_metrics(families& out, const measures& measures, const totals& totals);
void add_client_metrics(families& out, const measures& measures, const totals& totals);
void add_message_metrics(families& out, const totals& totals);
void add_session_metrics(families& out, const measures& measures, const totals& totals);
void add_queue_metrics(families& out, const measures& measures, const totals& totals);
void add_shard_metrics(families& out, const measures& measures, const totals& totals);
void add_disk_metrics(families& out, const measures& measures, const totals& totals);
void add_turn_metrics(families& out, const measures& measures);
void add_process_metrics(families& out, const measures& measures, const process_numbers& process);

}  // namespace headgate::admin
