#include "loadtest/report/notices.hpp"

#include <algorithm>

#include "loadtest/report/figures.hpp"
#include "loadtest/report/units.hpp"

namespace headgate::loadtest::report {

namespace {

// Where more of them did not come, latencies are of a choice of the messages.
constexpr double many_dropped = 0.01;

void add_faults(std::vector<notice>& all, const core::results& results) {
  if (!results.audited) return;
  const auto& audit = results.audit;
  if (audit.faults() > 0) {
    notice found{"the audit found " + count_text(audit.faults()) + (audit.faults() == 1 ? " fault" : " faults"), {}};
    for (std::size_t kind = 0; kind < core::fault_kinds; ++kind) {
      const auto count = audit.counts[kind];
      if (count > 0) found.sentences.push_back(std::string(fault_names[kind].name) + ": " + count_text(count));
    }
    all.push_back(std::move(found));
  }
  if (!audit.complete) {
    all.push_back({"the audit is not complete",
                   {"its memory of " + bytes_text(static_cast<double>(audit.memory_limit)) +
                    " did not suffice, so it may have missed faults: give it more, or run with fewer clients"}});
  }
}

// Reasons are those of connections that were refused or failed as well.
std::string reason_sentence(const core::connection_counts& counted) {
  const auto most = std::ranges::max_element(counted.reasons, {}, [](const auto& reason) { return reason.second; });
  const bool are_of_these_only = counted.refused + counted.failed == 0;
  return "most frequent reason" + std::string(are_of_these_only ? "" : ", also of those refused and failed") + ": " +
         most->first + " (" + count_text(most->second) + ")";
}

void add_ended_connections(std::vector<notice>& all, const core::connection_counts& counted) {
  const auto connections = [](std::uint64_t count) {
    return count_text(count) + (count == 1 ? " connection" : " connections");
  };
  if (counted.ended_by_server + counted.unanswered == 0) return;
  notice made;
  made.headline = counted.ended_by_server > 0 ? "the server ended " + connections(counted.ended_by_server)
                                              : "the server left " + connections(counted.unanswered) + " unanswered";
  if (counted.ended_by_server > 0 && counted.unanswered > 0) {
    made.sentences.push_back("it left " + connections(counted.unanswered) +
                             " without an answer as well, and the generator closed " +
                             (counted.unanswered == 1 ? "it" : "them"));
  }
  if (!counted.reasons.empty()) made.sentences.push_back(reason_sentence(counted));
  all.push_back(std::move(made));
}

void add_dropped(std::vector<notice>& all, const core::results& results) {
  const auto dropped = static_cast<double>(results.audit.qos0_dropped);
  const auto due = static_cast<double>(results.audit.received) + dropped;
  if (!results.audited || dropped <= many_dropped * due) return;
  all.push_back({"the server dropped " + share_text(dropped / due) + " of what was due",
                 {count_text(results.audit.qos0_dropped) +
                  " deliveries at QoS 0 did not come, which is permitted: latencies are of those that came"}});
}

}  // namespace

std::vector<notice> notices_of(const core::results& results) {
  std::vector<notice> all;
  if (!results.failures.empty()) all.push_back({"the run failed", results.failures});
  add_faults(all, results);
  if (!results.generator.limited.empty()) {
    all.push_back({"limited by the generator: these are not the server's figures", results.generator.limited});
  }
  add_ended_connections(all, results.connections);
  add_dropped(all, results);
  if (!results.notes.empty()) all.push_back({"note", results.notes});
  if (results.interrupted) {
    all.push_back({"interrupted", {"the figures are of the " + seconds_text(results.measured_s) + " until then"}});
  }
  return all;
}

}  // namespace headgate::loadtest::report
