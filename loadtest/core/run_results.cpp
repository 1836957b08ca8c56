#include <algorithm>
#include <utility>

#include "loadtest/core/phases.hpp"

namespace headgate::loadtest::core {

namespace {

// Above this share the figures are of something else than the plan.
constexpr double unsent_bar = 0.01;

void add_failures(results& made) {
  const std::uint64_t due = made.messages.sent + made.unsent;
  if (static_cast<double>(made.unsent) > unsent_bar * static_cast<double>(due)) {
    made.failures.push_back(std::to_string(made.unsent) + " of " + std::to_string(due) +
                            " messages that were due were not sent while it was measured, since their clients were not "
                            "connected or the server did not take them: the latencies lack them");
  }
}

// Of those who are to be refused.
void add_wrong_answers(const fleet& fleet, results& made) {
  if (fleet.wrongly_accepted > 0) {
    made.failures.push_back(std::to_string(fleet.wrongly_accepted) +
                            " connections were accepted that were to be refused");
  }
  const bool any_is_called = std::ranges::any_of(
      fleet.groups, [](const group_state& of) { return of.plan->connect.expects_refusal && of.called > 0; });
  if (any_is_called && fleet.total.refusals == 0 && fleet.wrongly_accepted == 0) {
    made.failures.emplace_back("no connection was refused, of those that were to be: none had an answer");
  }
}

void add_notes(const fleet& fleet, results& made) {
  const auto& events = fleet.plan.events;
  if (fleet.next_event < events.size()) {
    made.notes.push_back(std::to_string(events.size() - fleet.next_event) +
                         " events of the plan did not come, since the run was over before");
  }
  bool receives = false;
  for (const group_state& state : fleet.groups) {
    if (!state.plan->subscribe || state.plan->subscribe->churn_rate > 0 || fleet.publishers.empty()) continue;
    receives = receives || expects(fleet, state.first);
    if (expects(fleet, state.first)) continue;
    made.notes.push_back("the filters of '" + state.plan->name +
                         "' match no topic that this plan publishes: what comes to it is counted, and not audited");
  }
  if (receives && made.messages.sent > 0 && fleet.audit.so_far().received == 0) {
    made.failures.emplace_back("nothing of what was published came to a subscriber");
  }
}

}  // namespace

results take_results(fleet& fleet, std::uint64_t now_ns) {
  results& made = fleet.results;
  made.name = fleet.plan.name;
  const counters& from = fleet.at_begin;
  const counters& to = fleet.at_end;
  made.messages = {to.sent - from.sent,
                   to.acknowledged - from.acknowledged,
                   to.deliveries - from.deliveries,
                   to.delivered_bytes - from.delivered_bytes,
                   to.connects - from.connects,
                   to.subscribes - from.subscribes,
                   to.refusals - from.refusals};
  if (fleet.measured_from_ns != 0) {
    const std::uint64_t end = std::min(fleet.measured_to_ns, now_ns);
    made.measured_s = static_cast<double>(end - fleet.measured_from_ns) / static_cast<double>(second_ns);
  }
  made.is_open_loop =
      std::ranges::any_of(fleet.plan.groups, [](const group& of) { return of.publish && of.publish->rate > 0; });
  made.connections.reasons.assign(fleet.reasons.begin(), fleet.reasons.end());
  if (fleet.refused_filters != 0) {
    made.failures.push_back(std::to_string(fleet.refused_filters) + " subscriptions were not granted as asked for");
  }
  made.audited = fleet.plan.audit.enabled;
  add_notes(fleet, made);
  add_failures(made);
  add_wrong_answers(fleet, made);
  if (made.audited && !fleet.plan.audit.qos0_may_drop && made.audit.qos0_dropped != 0) {
    made.failures.push_back(std::to_string(made.audit.qos0_dropped) + " messages at QoS 0 did not come");
  }
  return std::move(made);
}

progress progress_of(const fleet& fleet, const counters& before, std::uint64_t before_ns, std::uint64_t now_ns) {
  progress seen;
  const measuring_plan& plan = fleet.plan.measuring;
  std::uint64_t total_ns = 0;
  seen.what = progress::phase::settling;
  if (fleet.phase == phase::connecting) seen.what = progress::phase::connecting;
  if (fleet.phase == phase::warming_up) {
    seen.what = progress::phase::warming_up;
    total_ns = plan.warm_up_ns;
  } else if (fleet.phase == phase::measuring) {
    seen.what = progress::phase::measuring;
    total_ns = plan.duration_ns;
  }
  const double seconds = static_cast<double>(now_ns - before_ns) / static_cast<double>(second_ns);
  seen.elapsed_s = static_cast<double>(now_ns - fleet.phase_began_ns) / static_cast<double>(second_ns);
  seen.total_s = static_cast<double>(total_ns) / static_cast<double>(second_ns);
  seen.connected = fleet.connected;
  seen.clients = fleet.clients.size();
  if (seconds > 0) {
    seen.sent_per_s = static_cast<double>(fleet.total.sent - before.sent) / seconds;
    seen.delivered_per_s = static_cast<double>(fleet.total.deliveries - before.deliveries) / seconds;
  }
  const results& found = fleet.results;
  const histogram& latencies = found.deliver.total() != 0       ? found.deliver
                               : found.acknowledge.total() != 0 ? found.acknowledge
                                                                : found.connect;
  seen.p99_us = latencies.percentile_ns(0.99) / 1'000;
  seen.faults = fleet.audit.so_far().faults();
  return seen;
}

}  // namespace headgate::loadtest::core
