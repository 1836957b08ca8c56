#include "loadtest/report/table.hpp"

#include <cmath>
#include <optional>

#include "loadtest/report/audit_lines.hpp"
#include "loadtest/report/figures.hpp"
#include "loadtest/report/layout.hpp"
#include "loadtest/report/notices.hpp"
#include "loadtest/report/units.hpp"

namespace headgate::loadtest::report {

namespace {

section conditions_section(const core::results& results) {
  section part;
  part.title = "conditions";
  part.rows.push_back({"plan", results.name});
  for (const auto& [name, value] : results.conditions) part.rows.push_back({name, value});
  part.rows.push_back({"started", results.started});
  part.rows.push_back({"measured", results.measured_s > 0 ? seconds_text(results.measured_s) : "nothing"});
  return part;
}

section connecting_section(const core::results& results) {
  const auto& counted = results.connections;
  section part;
  part.title = "connecting";
  part.rows.push_back({"accepted", count_text(counted.accepted), "of " + count_text(counted.attempts) + " attempts"});
  part.rows.push_back({"at once", count_text(counted.most_at_once), "at most"});
  if (results.connecting_s > 0) {
    part.rows.push_back({"ready", seconds_text(results.connecting_s), "until all of the start were"});
  }
  const auto add = [&part](const char* name, std::uint64_t count, const char* explanation) {
    if (count > 0) part.rows.push_back({name, count_text(count), explanation});
  };
  add("full TLS handshakes", counted.full_handshakes, "");
  add("resumed TLS sessions", counted.resumed_handshakes, "");
  add("refused", counted.refused, "by CONNACK");
  add("failed", counted.failed, "no TCP or TLS connection, or closed before CONNACK");
  add("ended by the server", counted.ended_by_server, "after CONNACK, and not by plan");
  add("ended by plan", counted.ended_by_plan, "");
  add("unanswered", counted.unanswered, "closed by us: no CONNACK, SUBACK or PINGRESP in time");
  for (const auto& [reason, count] : counted.reasons) part.rows.push_back({"reason", count_text(count), reason});
  return part;
}

// Messages of which nothing came back, and nothing was to.
bool are_sent_blindly(const core::results& results) {
  const auto& messages = results.messages;
  const auto back = messages.acknowledged + messages.deliveries + results.acknowledge.total() +
                    results.deliver.total() + results.audit.required + results.audit.received +
                    results.audit.qos0_dropped;
  return messages.sent > 0 && back == 0 && results.failures.empty();
}

section rates_section(const core::results& results) {
  section part;
  part.title = "rates";
  part.headings = {"", "in all", "a second"};
  part.is_numeric = true;
  const auto add = [&](const char* name, std::uint64_t count) {
    const double rate = a_second(count, results.measured_s);
    if (count > 0) part.rows.push_back({name, count_text(count), amount_text(rate < 100 ? rate : std::round(rate))});
  };
  const auto& messages = results.messages;
  add("sent", messages.sent);
  add("acknowledged", messages.acknowledged);
  add("delivered", messages.deliveries);
  add("connects", messages.connects);
  add("refusals", messages.refusals);
  add("subscribes", messages.subscribes);
  if (results.unsent > 0) part.rows.push_back({"due and never sent", count_text(results.unsent)});
  if (messages.delivered_bytes > 0) {
    part.rows.push_back({"payload", bytes_text(static_cast<double>(messages.delivered_bytes)),
                         bytes_text(a_second(messages.delivered_bytes, results.measured_s))});
  }
  if (are_sent_blindly(results)) {
    part.notes.emplace_back(
        "sent: went into sockets; without acknowledgement and subscriber nobody knows what arrived");
  }
  return part;
}

section latency_section(const core::results& results) {
  section part;
  part.title = "latency";
  part.is_numeric = true;
  part.headings = {""};
  for (const auto& each : percentiles) part.headings.emplace_back(each.name);
  part.headings.insert(part.headings.end(), {"max", "count"});
  const auto add = [&part](const char* name, const core::histogram& times) {
    if (times.total() == 0) return;
    std::vector<std::string> row{name};
    for (const auto& each : percentiles) {
      row.push_back(duration_text(static_cast<double>(times.percentile_ns(each.share))));
    }
    row.push_back(duration_text(static_cast<double>(times.maximum_ns())));
    row.push_back(count_text(times.total()));
    part.rows.push_back(std::move(row));
  };
  add("connect", results.connect);
  add("acknowledge", results.acknowledge);
  add("deliver", results.deliver);
  if (results.acknowledge.total() > 0 || results.deliver.total() > 0) {
    part.notes.emplace_back(results.is_open_loop
                                ? "open loop: messages were due at a rate, and times count from when they were due"
                                : "closed loop: a message waits for others to arrive, so these times do not show what "
                                  "a stall kept from being sent");
  }
  if (results.unsent > 0) {
    part.notes.push_back(count_text(results.unsent) + " messages were due and never sent: their times are missing");
  }
  if (results.deliver.total() > 0 && results.deliver.total() != results.messages.deliveries) {
    part.notes.emplace_back(
        "deliver: of messages that were due while measuring, whenever they came; delivered are those that came "
        "meanwhile");
  }
  return part;
}

// CPU time in all and for each message. Something was measured.
void add_costs(section& part, double cpu_s, const core::results& results) {
  const auto& messages = results.messages;
  part.rows.push_back({"CPU", seconds_text(cpu_s), share_text(cpu_s / results.measured_s) + " of a core"});
  const auto add = [&](const char* name, std::uint64_t count) {
    const auto each = for_each(cpu_s, count);
    if (each) part.rows.push_back({name, seconds_text(*each)});
  };
  add("CPU a message sent", messages.sent);
  add("CPU a delivery", messages.deliveries);
  // Beside messages a connect's share would be theirs.
  if (messages.sent == 0) add("CPU a connect", messages.connects);
}

section generator_section(const core::results& results) {
  const auto& generator = results.generator;
  section part;
  part.title = "generator";
  if (results.measured_s > 0) {
    add_costs(part, generator.cpu_s, results);
    part.rows.push_back({"busy", share_text(generator.busy), "of the time"});
  }
  if (generator.lag.total() > 0) {
    part.rows.push_back({"lag p99", duration_text(static_cast<double>(generator.lag.percentile_ns(0.99))),
                         "from when a message could and should have been sent; at most " +
                             duration_text(static_cast<double>(generator.lag.maximum_ns()))});
  }
  if (generator.blocked_s > 0) {
    part.rows.push_back({"blocked", seconds_text(generator.blocked_s),
                         "sum over publishers: due, while window, Receive Maximum or socket were full"});
  }
  if (results.windows_reopened > 0) {
    part.rows.push_back({"windows reopened", count_text(results.windows_reopened),
                         "a publisher went on although its window was full, since nothing had come for 2 s"});
  }
  if (results.measured_s > 0) {
    part.rows.push_back({"memory", bytes_text(static_cast<double>(generator.resident_bytes)), "resident"});
  }
  if (generator.bytes_per_client > 0) {
    part.rows.push_back({"a client", bytes_text(static_cast<double>(generator.bytes_per_client)), "of user memory"});
  }
  return part;
}

section server_section(const core::results& results) {
  section part;
  part.title = "server";
  if (!results.server) return part;
  const auto& server = *results.server;
  part.rows.push_back({"process", std::to_string(server.pid)});
  const auto bytes = [](std::uint64_t count) { return bytes_text(static_cast<double>(count)); };
  if (results.measured_s <= 0) {
    part.rows.push_back({"memory", bytes(server.anonymous_bytes_before), "anonymous, before the first connection"});
    return part;
  }
  add_costs(part, server.cpu_s, results);
  part.rows.push_back({"memory", bytes(server.anonymous_bytes_after),
                       "anonymous; " + bytes(server.anonymous_bytes_connected) + " when measuring began, " +
                           bytes(server.anonymous_bytes_before) + " before the first connection"});
  if (server.bytes_per_client > 0) {
    part.rows.push_back({"a client", bytes_text(server.bytes_per_client), "of what it grew until measuring began"});
  }
  for (const auto& [name, count] : server.calls) {
    const auto each = for_each(static_cast<double>(count), results.messages.deliveries);
    part.rows.push_back({name, count_text(count), each ? amount_text(*each) + " a delivery" : ""});
  }
  return part;
}

}  // namespace

std::string table(const core::results& results, bool on_terminal) {
  section audit{"audit", {}, {{"off"}}, false, {}};
  if (results.audited) audit = audit_section(results.audit);
  std::string text = lay_out({conditions_section(results), connecting_section(results), rates_section(results),
                              latency_section(results), generator_section(results), server_section(results), audit},
                             on_terminal);
  for (const auto& what : notices_of(results)) text += "\n" + framed(what);
  return text;
}

}  // namespace headgate::loadtest::report
