#include "loadtest/core/phases.hpp"

#include <algorithm>

#include "loadtest/core/connections.hpp"
#include "loadtest/core/publishing.hpp"
#include "loadtest/core/settling.hpp"

namespace headgate::loadtest::core {

namespace {

bool publishes(const fleet& fleet) {
  return !fleet.publishers.empty();
}

// What the plan's number of messages counts.
std::uint64_t counted(const fleet& fleet, const counters& counts) {
  const auto& groups = fleet.plan.groups;
  const auto any = [&groups](auto&& is) { return std::ranges::any_of(groups, is); };
  if (any([](const group& of) { return of.subscribe && of.subscribe->churn_rate <= 0; })) return counts.deliveries;
  if (!publishes(fleet)) return counts.connects + counts.refusals;
  const auto acknowledges = [](const group& of) { return of.publish && of.publish->qos != mqtt::qos::at_most_once; };
  return any(acknowledges) ? counts.acknowledged : counts.sent;
}

void begin_measuring(fleet& fleet, std::uint64_t now_ns) {
  enter(fleet, phase::measuring, now_ns);
  fleet.at_begin = fleet.total;
  fleet.measured_from_ns = now_ns;
}

std::string most_frequent_reason(const fleet& fleet) {
  const auto most = std::ranges::max_element(fleet.reasons, {}, [](const auto& entry) { return entry.second; });
  return most == fleet.reasons.end() ? "no answer" : most->first;
}

void fail(fleet& fleet, std::string sentence, std::uint64_t now_ns) {
  fleet.results.failures.push_back(std::move(sentence));
  end_measuring(fleet, now_ns);
  begin_leaving_all(fleet, now_ns);
}

std::string seconds_text(std::uint64_t ns) {
  return std::to_string(ns / second_ns) + " s";
}

// Whether a client has been told to connect and is not ready: otherwise the plan itself waits.
bool somebody_is_late(const fleet& fleet) {
  std::uint64_t called = 0;
  std::uint64_t all = 0;
  for (const group_state& state : fleet.groups) {
    if (state.plan->connect.at_ns != 0 || state.plan->connect.expects_refusal) continue;
    called += state.called;
    all += state.plan->clients;
  }
  return called > all - fleet.awaited;
}

void step_connecting(fleet& fleet, std::uint64_t now_ns) {
  if (fleet.awaited == 0) {
    fleet.results.connecting_s = static_cast<double>(now_ns - fleet.started_ns) / static_cast<double>(second_ns);
    fleet.published_from_ns = now_ns;
    fleet.windows_are_stale = true;
    enter(fleet, phase::warming_up, now_ns);
  } else if (now_ns - fleet.progress_ns > fleet.plan.measuring.stall_ns && somebody_is_late(fleet)) {
    fail(fleet,
         std::to_string(fleet.awaited) + " clients did not get ready, and nothing went on for " +
             seconds_text(fleet.plan.measuring.stall_ns) + ": " + most_frequent_reason(fleet),
         now_ns);
  }
}

// A publisher that lost its connection, and not by plan.
bool is_cut_off(const fleet& fleet, const publisher& publisher) {
  return !is_connected(fleet.clients[publisher.client]) && !publisher.skips_slots;
}

// Whether anything is under way, or kept from being sent: only then is silence a stall.
bool is_anything_due(const fleet& fleet) {
  if (!fleet.audit.is_settled()) return true;
  return std::ranges::any_of(fleet.publishers, [&fleet](const publisher& of) {
    return of.unanswered > 0 || fleet.clients[of.client].awaits_pong || is_cut_off(fleet, of);
  });
}

bool has_stalled(fleet& fleet, std::uint64_t now_ns) {
  const std::uint64_t moved = fleet.audit.so_far().received + fleet.total.acknowledged + fleet.total.pongs;
  if (moved != fleet.moved || !is_anything_due(fleet)) {
    fleet.moved = moved;
    fleet.progress_ns = now_ns;
  }
  return now_ns - fleet.progress_ns > fleet.plan.measuring.stall_ns;
}

bool has_measured(const fleet& fleet, std::uint64_t now_ns) {
  const measuring_plan& plan = fleet.plan.measuring;
  if (fleet.has_enough || now_ns - fleet.measured_from_ns >= plan.duration_ns) return true;
  return plan.messages != 0 && counted(fleet, fleet.total) - counted(fleet, fleet.at_begin) >= plan.messages;
}

void step_warming_up(fleet& fleet, std::uint64_t now_ns) {
  const measuring_plan& plan = fleet.plan.measuring;
  const std::uint64_t come = counted(fleet, fleet.total);
  const bool is_young = now_ns - fleet.phase_began_ns < plan.warm_up_ns;
  if (come != fleet.warmed || is_young) {
    fleet.warmed = come;
    fleet.warmed_ns = now_ns;
  }
  if (is_young) return;
  if (come >= plan.warm_up_messages) {
    begin_measuring(fleet, now_ns);
  } else if (now_ns - fleet.warmed_ns > plan.stall_ns) {
    fail(fleet,
         "the warm-up was to last for " + std::to_string(plan.warm_up_messages) + " messages, and no more than " +
             std::to_string(come) + " came",
         now_ns);
  }
}

void step_publishing(fleet& fleet, std::uint64_t now_ns) {
  if (now_ns >= fleet.looked_ns + look_ns) {
    fleet.looked_ns = now_ns;
    reopen_windows(fleet, now_ns);
    if (has_stalled(fleet, now_ns)) {
      const std::uint64_t stall_ns = fleet.plan.measuring.stall_ns;
      return fail(fleet, "nothing was delivered or acknowledged for " + seconds_text(stall_ns), now_ns);
    }
  }
  if (fleet.phase == phase::warming_up) {
    step_warming_up(fleet, now_ns);
  } else if (has_measured(fleet, now_ns)) {
    begin_settling(fleet, now_ns);
  }
}

// Somebody wants the run to end.
void end_early(fleet& fleet, std::uint64_t now_ns) {
  fleet.ends_early = true;
  fleet.results.interrupted = true;
  if (fleet.phase < phase::measuring) fleet.results.failures.emplace_back("it was ended before anything was measured");
  is_publishing(fleet) ? begin_settling(fleet, now_ns) : begin_leaving_all(fleet, now_ns);
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
  if (fleet.is_stopped && !fleet.ends_early && fleet.phase < phase::leaving) end_early(fleet, now_ns);
  if (fleet.phase < phase::settling) carry_out_events(fleet, now_ns);
  // Every one of them is decided by counts that move all the time or by times; both may be looked at now and then.
  switch (fleet.phase) {
    case phase::connecting:
      return step_connecting(fleet, now_ns);
    case phase::warming_up:
    case phase::measuring:
      return step_publishing(fleet, now_ns);
    case phase::settling:
      return step_settling(fleet, now_ns);
    case phase::leaving:
      return step_leaving(fleet, now_ns);
    case phase::over:
      return;
  }
}

std::uint64_t next_phase_ns(const fleet& fleet, std::uint64_t now_ns) {
  std::uint64_t next = now_ns + look_ns;
  if (fleet.phase < phase::settling && fleet.next_event < fleet.plan.events.size()) {
    next = std::min(next, fleet.started_ns + fleet.plan.events[fleet.next_event].at_ns);
  }
  return next;
}

}  // namespace headgate::loadtest::core
