#include "loadtest/core/settling.hpp"

#include <algorithm>

#include "loadtest/core/connections.hpp"
#include "loadtest/core/publishing.hpp"

namespace headgate::loadtest::core {

namespace {

// How long the last clients may take to leave.
constexpr std::uint64_t leaving_ns = 2 * second_ns;

bool has_unanswered(const fleet& fleet, const client& client) {
  return client.publisher != none && fleet.publishers[client.publisher].unanswered > 0;
}

// Whether the server may hold something for the client that it can only get when it comes back.
bool is_absent(const fleet& fleet, std::uint32_t index) {
  const client& client = fleet.clients[index];
  if (!client.keeps_session || is_connected(client)) return false;
  const group& plan = plan_of(fleet, index);
  const bool receives = plan.subscribe && plan.subscribe->share.empty() && expects(fleet, index);
  return receives || has_unanswered(fleet, client);
}

// Those of them that are to come back.
std::uint64_t count_awaited(const fleet& fleet) {
  std::uint64_t awaited = 0;
  for (std::uint32_t index = 0; index < fleet.clients.size(); ++index) {
    if (fleet.clients[index].stage != stage::ended && is_absent(fleet, index)) ++awaited;
  }
  return awaited;
}

bool awaits_pongs(const fleet& fleet) {
  return std::ranges::any_of(fleet.clients, [](const client& of) { return is_connected(of) && of.awaits_pong; });
}

// What is kept for who did not come back is no loss, and what they had sent may have come or not.
void give_up_on_absent(fleet& fleet, bool has_waited) {
  const std::uint64_t awaited = count_awaited(fleet);
  if (awaited != 0 && has_waited) {
    fleet.results.failures.push_back(std::to_string(awaited) +
                                     " clients were away in the end and could not come back, so that what waited for "
                                     "them was not received, and is not counted as lost");
  }
  for (std::uint32_t index = 0; index < fleet.clients.size(); ++index) {
    if (!is_absent(fleet, index)) continue;
    const client& client = fleet.clients[index];
    if (has_unanswered(fleet, client)) abandon(fleet, client.publisher);
    if (client.audience != none) fleet.audit.on_unsubscribed(audience_index(client.audience));
  }
}

}  // namespace

void enter(fleet& fleet, phase next, std::uint64_t now_ns) {
  fleet.phase = next;
  fleet.phase_began_ns = now_ns;
  fleet.progress_ns = now_ns;
}

void end_measuring(fleet& fleet, std::uint64_t now_ns) {
  if (fleet.phase != phase::measuring) return;
  close_schedules(fleet, now_ns);
  fleet.at_end = fleet.total;
  fleet.measured_to_ns = now_ns;
}

void begin_settling(fleet& fleet, std::uint64_t now_ns) {
  end_measuring(fleet, now_ns);
  enter(fleet, phase::settling, now_ns);
  for (std::uint32_t index = 0; index < fleet.clients.size(); ++index) {
    client& client = fleet.clients[index];
    const bool is_wanted = plan_of(fleet, index).subscribe || has_unanswered(fleet, client);
    if (client.stage == stage::away && is_wanted) set_timer(fleet, index, now_ns);
    if (client.stage == stage::ready && !client.is_leaving) {
      client.until_ns = for_ever;
      // So that nothing is left in the sockets when it goes.
      if (client.publisher != none && !client.awaits_pong) ask_for_pong(fleet, index, now_ns);
      arm(fleet, index);
    }
  }
}

void step_settling(fleet& fleet, std::uint64_t now_ns) {
  if (now_ns < fleet.looked_ns + look_ns) return;
  fleet.looked_ns = now_ns;
  const std::uint64_t moved = fleet.audit.so_far().received + fleet.total.acknowledged;
  if (moved != fleet.moved) {
    fleet.moved = moved;
    fleet.progress_ns = now_ns;
  }
  const measuring_plan& plan = fleet.plan.measuring;
  const std::uint64_t silent_ns = now_ns - fleet.progress_ns;
  const bool is_awaited = count_awaited(fleet) > 0 || awaits_pongs(fleet);
  if (is_awaited && silent_ns <= std::max(plan.stall_ns, plan.settle_ns)) return;
  if (silent_ns > plan.settle_ns || fleet.audit.is_settled()) begin_leaving_all(fleet, now_ns, true);
}

void begin_leaving_all(fleet& fleet, std::uint64_t now_ns, bool has_waited) {
  // Before they go: what is not acknowledged by then is in no doubt.
  give_up_on_absent(fleet, has_waited);
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

void step_leaving(fleet& fleet, std::uint64_t now_ns) {
  if (fleet.connected == 0 || now_ns - fleet.phase_began_ns > leaving_ns) enter(fleet, phase::over, now_ns);
}

}  // namespace headgate::loadtest::core
