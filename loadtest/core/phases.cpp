#include "loadtest/core/phases.hpp"

#include <algorithm>

#include "loadtest/core/connections.hpp"
#include "loadtest/core/publishing.hpp"

namespace headgate::loadtest::core {

namespace {

// How often what nobody tells of is looked at.
constexpr std::uint64_t look_ns = 50'000'000;
// How long the last clients may take to leave.
constexpr std::uint64_t leaving_ns = 2 * second_ns;

bool publishes(const fleet& fleet) {
  return !fleet.publishers.empty();
}

// Whether anything is to come back for what is published: only then is silence a stall.
bool expects_answers(const fleet& fleet) {
  const auto acknowledges = [](const group& of) { return of.publish && of.publish->qos != mqtt::qos::at_most_once; };
  return fleet.listening > 0 || std::ranges::any_of(fleet.plan.groups, acknowledges);
}

// What the plan's number of messages counts.
std::uint64_t counted(const fleet& fleet, const counters& counts) {
  const auto& groups = fleet.plan.groups;
  const auto any = [&groups](auto&& is) { return std::ranges::any_of(groups, is); };
  if (any([](const group& of) { return of.subscribe && of.subscribe->churn_rate <= 0; })) return counts.deliveries;
  if (!publishes(fleet)) return counts.connects;
  const auto acknowledges = [](const group& of) { return of.publish && of.publish->qos != mqtt::qos::at_most_once; };
  return any(acknowledges) ? counts.acknowledged : counts.sent;
}

void enter(fleet& fleet, phase next, std::uint64_t now_ns) {
  fleet.phase = next;
  fleet.phase_began_ns = now_ns;
  fleet.progress_ns = now_ns;
}

void begin_measuring(fleet& fleet, std::uint64_t now_ns) {
  enter(fleet, phase::measuring, now_ns);
  fleet.at_begin = fleet.total;
  fleet.measured_from_ns = now_ns;
}

// Nobody publishes from here on; who is away comes, and stays.
void begin_settling(fleet& fleet, std::uint64_t now_ns) {
  if (fleet.phase == phase::measuring) {
    fleet.at_end = fleet.total;
    fleet.measured_to_ns = now_ns;
  }
  enter(fleet, phase::settling, now_ns);
  for (std::uint32_t index = 0; index < fleet.clients.size(); ++index) {
    client& client = fleet.clients[index];
    const group& plan = plan_of(fleet, index);
    if (client.stage == stage::away && plan.subscribe) set_timer(fleet, index, now_ns);
    if (client.stage == stage::ready) {
      client.until_ns = for_ever;
      arm(fleet, index);
    }
  }
}

void begin_leaving_all(fleet& fleet, std::uint64_t now_ns) {
  // Before they go: what is not acknowledged then is in no doubt.
  if (fleet.plan.audit.enabled) fleet.results.audit = fleet.audit.judge(now_ns);
  enter(fleet, phase::leaving, now_ns);
  for (std::uint32_t index = 0; index < fleet.clients.size(); ++index) {
    client& client = fleet.clients[index];
    if (is_connected(client)) {
      begin_leaving(fleet, index, now_ns);
    } else if (client.stage == stage::greeting) {
      drop(fleet, index, departure::by_plan, {}, now_ns);
    } else {
      client.stage = stage::ended;
      set_timer(fleet, index, for_ever);
    }
  }
}

std::string most_frequent_reason(const fleet& fleet) {
  const auto most = std::ranges::max_element(fleet.reasons, {}, [](const auto& entry) { return entry.second; });
  return most == fleet.reasons.end() ? "no answer" : most->first;
}

void fail(fleet& fleet, std::string sentence, std::uint64_t now_ns) {
  fleet.results.failures.push_back(std::move(sentence));
  if (fleet.phase == phase::measuring) {
    fleet.at_end = fleet.total;
    fleet.measured_to_ns = now_ns;
  }
  begin_leaving_all(fleet, now_ns);
}

std::string seconds_text(std::uint64_t ns) {
  return std::to_string(ns / second_ns) + " s";
}

void step_connecting(fleet& fleet, std::uint64_t now_ns) {
  if (fleet.awaited == 0) {
    fleet.results.connecting_s = static_cast<double>(now_ns - fleet.started_ns) / static_cast<double>(second_ns);
    fleet.published_from_ns = now_ns;
    fleet.windows_are_stale = true;
    enter(fleet, phase::warming_up, now_ns);
  } else if (now_ns - fleet.progress_ns > fleet.plan.measuring.stall_ns) {
    fail(fleet,
         std::to_string(fleet.awaited) + " clients did not get ready, and nothing went on for " +
             seconds_text(fleet.plan.measuring.stall_ns) + ": " + most_frequent_reason(fleet),
         now_ns);
  }
}

bool has_stalled(const fleet& fleet, std::uint64_t now_ns) {
  const std::uint64_t since = fleet.unanswered_ns;
  return since != 0 && now_ns - since > fleet.plan.measuring.stall_ns && expects_answers(fleet);
}

bool has_measured(const fleet& fleet, std::uint64_t now_ns) {
  const measuring_plan& plan = fleet.plan.measuring;
  if (fleet.has_enough || now_ns - fleet.measured_from_ns >= plan.duration_ns) return true;
  return plan.messages != 0 && counted(fleet, fleet.total) - counted(fleet, fleet.at_begin) >= plan.messages;
}

void step_publishing(fleet& fleet, std::uint64_t now_ns) {
  const measuring_plan& plan = fleet.plan.measuring;
  if (now_ns >= fleet.looked_ns + look_ns) {
    fleet.looked_ns = now_ns;
    reopen_windows(fleet, now_ns);
  }
  if (has_stalled(fleet, now_ns)) {
    fail(fleet, "nothing was delivered or acknowledged for " + seconds_text(plan.stall_ns), now_ns);
  } else if (fleet.phase == phase::warming_up) {
    const bool is_warm = now_ns - fleet.phase_began_ns >= plan.warm_up_ns;
    if (is_warm && counted(fleet, fleet.total) >= plan.warm_up_messages) begin_measuring(fleet, now_ns);
  } else if (has_measured(fleet, now_ns)) {
    begin_settling(fleet, now_ns);
  }
}

void step_settling(fleet& fleet, std::uint64_t now_ns) {
  const bool is_silent = now_ns - fleet.progress_ns > fleet.plan.measuring.settle_ns;
  if (is_silent || fleet.audit.is_settled()) begin_leaving_all(fleet, now_ns);
}

void carry_out_events(fleet& fleet, std::uint64_t now_ns) {
  const auto& events = fleet.plan.events;
  while (fleet.next_event < events.size() && fleet.started_ns + events[fleet.next_event].at_ns <= now_ns) {
    const disconnect_event& event = events[fleet.next_event++];
    const group_state& state = fleet.groups[event.group];
    for (std::uint32_t number = 0; number < state.plan->clients; ++number) {
      const double drawn = static_cast<double>(fleet.random.next() >> 11) / static_cast<double>(1ULL << 53);
      const std::uint32_t index = state.first + number;
      if (drawn >= event.share || !is_connected(fleet.clients[index])) continue;
      if (event.clean) {
        begin_leaving(fleet, index, now_ns);
      } else {
        drop(fleet, index, departure::by_plan, {}, now_ns);
      }
    }
  }
}

}  // namespace

void start(fleet& fleet, std::uint64_t now_ns) {
  fleet.started_ns = now_ns;
  enter(fleet, phase::connecting, now_ns);
}

void step_phase(fleet& fleet, std::uint64_t now_ns) {
  if (fleet.is_stopped && fleet.phase < phase::settling) {
    fleet.results.interrupted = true;
    fleet.phase == phase::measuring ? begin_settling(fleet, now_ns) : begin_leaving_all(fleet, now_ns);
  }
  if (fleet.phase < phase::settling) carry_out_events(fleet, now_ns);
  // Every one of them is decided by counts that move all the time or by times; both may be looked at now and then.
  switch (fleet.phase) {
    case phase::connecting:
      return step_connecting(fleet, now_ns);
    case phase::warming_up:
    case phase::measuring:
      return step_publishing(fleet, now_ns);
    case phase::settling:
      if (now_ns < fleet.looked_ns + look_ns) return;
      fleet.looked_ns = now_ns;
      return step_settling(fleet, now_ns);
    case phase::leaving:
      if (fleet.connected == 0 || now_ns - fleet.phase_began_ns > leaving_ns) enter(fleet, phase::over, now_ns);
      return;
    case phase::over:
      return;
  }
}

std::uint64_t next_phase_ns(const fleet& fleet, std::uint64_t now_ns) {
  std::uint64_t next = now_ns + look_ns;
  if (fleet.next_event < fleet.plan.events.size()) {
    next = std::min(next, fleet.started_ns + fleet.plan.events[fleet.next_event].at_ns);
  }
  return next;
}

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
                   to.subscribes - from.subscribes};
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
