#include <algorithm>
#include <cmath>

#include "loadtest/core/connections.hpp"
#include "loadtest/core/publishing.hpp"
#include "mqtt/disconnect.hpp"

namespace headgate::loadtest::core {

namespace {

void count(fleet& fleet, const client& client, departure why, std::string_view reason) {
  connection_counts& counts = fleet.results.connections;
  if (why == departure::by_plan) {
    ++counts.ended_by_plan;
    return;
  }
  if (why == departure::unanswered) {
    ++counts.unanswered;
  } else if (client.stage == stage::greeting) {
    ++counts.failed;
  } else if (is_connected(client)) {
    ++counts.ended_by_server;
  }
  ++fleet.reasons[std::string(reason)];
}

std::uint64_t back_off_ns(fleet& fleet, const client& client, const reconnect_plan& how) {
  const double wait = static_cast<double>(how.first_ns) * std::exp2(std::min<int>(client.attempts, 62));
  return jittered(fleet, static_cast<std::uint64_t>(std::min(wait, static_cast<double>(how.most_ns))), how.jitter);
}

// Whether, and when, it comes back.
void plan_return(fleet& fleet, std::uint32_t index, departure why, std::uint64_t now_ns) {
  client& client = fleet.clients[index];
  const group& plan = plan_of(fleet, index);
  // Who was about to leave by its life plan when the run began to settle comes back at once as well.
  const bool settles = fleet.phase == phase::settling && plan.life.hold_ns != for_ever;
  const bool is_life = why == departure::by_plan && (client.until_ns <= now_ns || settles);
  const bool is_over = fleet.phase == phase::leaving || fleet.phase == phase::over;
  client.stage = stage::away;
  if (is_over || (!is_life && !plan.reconnect.enabled && !plan.connect.expects_refusal)) {
    client.stage = stage::ended;
    set_timer(fleet, index, for_ever);
  } else if (plan.connect.expects_refusal) {
    client.stage = stage::waiting;
    set_timer(fleet, index, for_ever);
  } else if (is_life) {
    const std::uint64_t away = fleet.phase == phase::settling ? 0 : plan.life.away_ns;
    client.attempts = 0;
    set_timer(fleet, index, now_ns + jittered(fleet, away, plan.life.jitter));
  } else {
    set_timer(fleet, index, now_ns + back_off_ns(fleet, client, plan.reconnect));
    if (client.attempts < 0xffff) ++client.attempts;
  }
}

}  // namespace

void set_listening(fleet& fleet, std::uint32_t index, bool is) {
  fleet.clients[index].is_listening = is;
  fleet.windows_are_stale = true;
}

void begin_leaving(fleet& fleet, std::uint32_t index, std::uint64_t now_ns) {
  client& client = fleet.clients[index];
  if (client.is_leaving) return;
  mqtt::disconnect packet;
  const group& plan = plan_of(fleet, index);
  // At the end of a run nothing of it is to stay behind at the server.
  if (fleet.phase == phase::leaving && plan.session_expiry_s > 0) packet.session_expiry_interval_s = 0;
  std::array<std::uint8_t, 16> data{};
  const std::uint8_t* end = mqtt::encode(packet, plan.version, data.data());
  send(fleet, index, {data.data(), end}, now_ns);
  client.is_leaving = true;
  arm(fleet, index);
}

void depart(fleet& fleet, std::uint32_t index, departure why, std::string_view reason, std::uint64_t now_ns) {
  client& client = fleet.clients[index];
  count(fleet, client, why, reason);
  if (client.stage == stage::greeting) --fleet.groups[client.group].greeting;
  if (is_connected(client)) {
    --fleet.connected;
    if (client.audience != none && client.is_listening) {
      fleet.audit.on_away(audience_index(client.audience), now_ns);
      set_listening(fleet, index, false);
    }
    if (client.publisher != none) {
      if (why == departure::by_plan) skip_slots(fleet, client.publisher, now_ns);
      if (!client.keeps_session) abandon(fleet, client.publisher);
    }
  }
  client.is_blocked = client.awaits_pong = client.is_leaving = false;
  plan_return(fleet, index, why, now_ns);
}

void drop(fleet& fleet, std::uint32_t index, departure why, std::string_view reason, std::uint64_t now_ns) {
  fleet.wire.close(index);
  depart(fleet, index, why, reason, now_ns);
}

void on_closed(fleet& fleet, std::uint32_t index, std::string_view reason, std::uint64_t now_ns) {
  const bool by_plan = fleet.clients[index].is_leaving;
  depart(fleet, index, by_plan ? departure::by_plan : departure::by_server, reason, now_ns);
}

}  // namespace headgate::loadtest::core
