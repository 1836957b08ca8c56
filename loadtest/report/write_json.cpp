#include "loadtest/report/write_json.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <optional>

#include "base/printable.hpp"
#include "loadtest/report/figures.hpp"
#include "loadtest/report/json_text.hpp"

namespace headgate::loadtest::report {

namespace {

namespace json = boost::json;

constexpr double us_in_s = 1e6;
constexpr double ns_in_us = 1e3;

void set(json::object& members, std::string_view name, std::optional<double> value) {
  if (value && std::isfinite(*value)) members[name] = *value;
}

json::array texts(const std::vector<std::string>& sentences) {
  json::array array;
  for (const auto& sentence : sentences) array.emplace_back(base::printable(sentence));
  return array;
}

// Names that come twice are counted together.
json::object counts(const std::vector<std::pair<std::string, std::uint64_t>>& pairs) {
  json::object object;
  for (const auto& [name, count] : pairs) {
    auto& member = object[base::printable(name)];
    member = (member.is_uint64() ? member.get_uint64() : 0) + count;
  }
  return object;
}

json::object histogram_object(const core::histogram& times) {
  json::object object;
  object["count"] = times.total();
  if (times.total() > 0) {
    for (const auto& each : percentiles) {
      object[each.member] = static_cast<double>(times.percentile_ns(each.share)) / ns_in_us;
    }
    object["max_us"] = static_cast<double>(times.maximum_ns()) / ns_in_us;
    object["mean_us"] = times.mean_ns() / ns_in_us;
  }
  json::array steps;
  for (const auto& step : times.steps()) steps.emplace_back(json::array{step.ns, step.count});
  object["steps"] = std::move(steps);
  return object;
}

void set_messages(json::object& document, const core::results& results) {
  const auto& messages = results.messages;
  const struct {
    const char* name;
    std::uint64_t count;
  } all[] = {
      {"deliveries", messages.deliveries},     {"messages_sent", messages.sent},
      {"acknowledged", messages.acknowledged}, {"delivered_bytes", messages.delivered_bytes},
      {"connects", messages.connects},         {"subscribes", messages.subscribes},
      {"refusals", messages.refusals},
  };
  for (const auto& each : all) {
    document[each.name] = each.count;
    document[std::string(each.name) + "_per_s"] = a_second(each.count, results.measured_s);
  }
}

json::object connections_object(const core::connection_counts& counted) {
  json::object object;
  object["attempts"] = counted.attempts;
  object["full_handshakes"] = counted.full_handshakes;
  object["resumed_handshakes"] = counted.resumed_handshakes;
  object["accepted"] = counted.accepted;
  object["refused"] = counted.refused;
  object["failed"] = counted.failed;
  object["ended_by_server"] = counted.ended_by_server;
  object["ended_by_plan"] = counted.ended_by_plan;
  object["unanswered"] = counted.unanswered;
  object["most_at_once"] = counted.most_at_once;
  object["reasons"] = counts(counted.reasons);
  return object;
}

void set_costs(json::object& object, double cpu_s, const core::message_counts& messages) {
  object["cpu_s"] = cpu_s;
  set(object, "cpu_us_per_message", for_each(cpu_s * us_in_s, messages.sent));
  set(object, "cpu_us_per_delivery", for_each(cpu_s * us_in_s, messages.deliveries));
  set(object, "cpu_us_per_connect", for_each(cpu_s * us_in_s, messages.connects));
}

json::object generator_object(const core::results& results) {
  const auto& generator = results.generator;
  json::object object;
  if (results.measured_s > 0) {
    set_costs(object, generator.cpu_s, results.messages);
    object["busy_share"] = generator.busy;
    object["resident_bytes"] = generator.resident_bytes;
  }
  if (generator.bytes_per_client > 0) object["bytes_per_client"] = generator.bytes_per_client;
  object["lag"] = histogram_object(generator.lag);
  object["blocked_s"] = generator.blocked_s;
  object["limited"] = texts(generator.limited);
  return object;
}

json::object server_object(const core::server_figures& server, const core::results& results) {
  const auto& messages = results.messages;
  json::object object;
  object["pid"] = server.pid;
  object["anonymous_bytes_before"] = server.anonymous_bytes_before;
  if (results.measured_s > 0) {
    set_costs(object, server.cpu_s, messages);
    object["anonymous_bytes_connected"] = server.anonymous_bytes_connected;
    object["anonymous_bytes_after"] = server.anonymous_bytes_after;
  }
  if (server.bytes_per_client > 0) object["bytes_per_client"] = server.bytes_per_client;
  const auto calls = counts(server.calls);
  json::object shares;
  for (const auto& call : calls) {
    set(shares, call.key(), for_each(static_cast<double>(call.value().get_uint64()), messages.deliveries));
  }
  object["calls"] = calls;
  object["calls_per_delivery"] = std::move(shares);
  return object;
}

json::array findings_array(const std::vector<core::finding>& findings) {
  json::array array;
  for (const auto& found : findings) {
    json::object object;
    object["kind"] = name_of(found.kind).member;
    if (found.publisher != core::nobody) object["publisher"] = found.publisher;
    if (found.audience != core::nobody) object["subscriber"] = found.audience;
    object["from"] = found.from;
    object["to"] = found.to;
    array.push_back(std::move(object));
  }
  return array;
}

json::object audit_object(const core::verdict& verdict) {
  json::object object;
  object["faults"] = verdict.faults();
  for (std::size_t kind = 0; kind < core::fault_kinds; ++kind) object[fault_names[kind].member] = verdict.counts[kind];
  object["qos0_dropped"] = verdict.qos0_dropped;
  object["duplicated_with_reason"] = verdict.duplicated_with_reason;
  object["in_doubt"] = verdict.in_doubt;
  object["refused"] = verdict.refused;
  object["expired"] = verdict.expired;
  object["foreign"] = verdict.foreign;
  object["required"] = verdict.required;
  object["received"] = verdict.received;
  object["findings"] = findings_array(verdict.findings);
  object["memory_bytes"] = verdict.memory_bytes;
  object["memory_limit_bytes"] = verdict.memory_limit;
  object["complete"] = verdict.complete;
  return object;
}

}  // namespace

std::string write_json(const core::results& results) {
  json::object document;
  document["schema_version"] = 1;
  document["program"] = "headgate-loadtest " HEADGATE_VERSION;
  document["name"] = base::printable(results.name);
  document["started"] = results.started;
  json::object conditions;
  for (const auto& [name, value] : results.conditions) conditions[base::printable(name)] = base::printable(value);
  document["conditions"] = std::move(conditions);
  document["loop"] = results.is_open_loop ? "open" : "closed";
  document["exit_status"] = results.exit_status();
  document["interrupted"] = results.interrupted;
  document["failures"] = texts(results.failures);
  document["notes"] = texts(results.notes);
  document["connecting_s"] = results.connecting_s;
  document["measured_s"] = results.measured_s;
  set_messages(document, results);
  document["unsent"] = results.unsent;
  document["windows_reopened"] = results.windows_reopened;
  document["connections"] = connections_object(results.connections);
  json::object latency;
  latency["connect"] = histogram_object(results.connect);
  latency["acknowledge"] = histogram_object(results.acknowledge);
  latency["deliver"] = histogram_object(results.deliver);
  document["latency"] = std::move(latency);
  document["generator"] = generator_object(results);
  if (results.server) document["server"] = server_object(*results.server, results);
  if (results.audited) document["audit"] = audit_object(results.audit);
  return json_text(document);
}

}  // namespace headgate::loadtest::report
