#include <algorithm>
#include <cmath>

#include "loadtest/core/connections.hpp"
#include "loadtest/core/publishing.hpp"
#include "mqtt/connack.hpp"
#include "mqtt/connect.hpp"

namespace headgate::loadtest::core {

namespace {

// Of a turn, so that the events of those who are connected do not wait.
constexpr std::uint32_t calls_a_turn = 100;

// How many calls the group makes.
std::uint64_t all_calls(const group& plan) {
  return plan.connect.expects_refusal ? ~std::uint64_t{0} : plan.clients;
}

// How many calls of the group should have been made by now.
std::uint64_t due_calls(const fleet& fleet, const group_state& state, std::uint64_t now_ns) {
  const connect_plan& how = state.plan->connect;
  if (now_ns < fleet.started_ns + how.at_ns) return 0;
  if (how.rate == 0) return all_calls(*state.plan);
  const double elapsed = static_cast<double>(now_ns - fleet.started_ns - how.at_ns) / static_cast<double>(second_ns);
  return std::min(all_calls(*state.plan), static_cast<std::uint64_t>(std::floor(elapsed * how.rate)) + 1);
}

// Whose turn it is, by its number in the group. Who is to be refused may still be connecting when it is called again:
// then it is the next one's turn. There is one, since fewer are connecting.
std::uint32_t take_next(const fleet& fleet, group_state& state) {
  if (!state.plan->connect.expects_refusal) return static_cast<std::uint32_t>(state.called);
  while (fleet.clients[state.first + state.next_call].stage != stage::waiting) {
    state.next_call = (state.next_call + 1) % state.plan->clients;
  }
  const std::uint32_t found = state.next_call;
  state.next_call = (found + 1) % state.plan->clients;
  return found;
}

void forget_session(fleet& fleet, std::uint32_t index) {
  client& client = fleet.clients[index];
  client.step = 0;
  if (client.publisher != none) abandon(fleet, client.publisher);
}

void accept(fleet& fleet, std::uint32_t index, const mqtt::connack& answer, std::uint64_t now_ns) {
  client& client = fleet.clients[index];
  fleet.results.connect.record(now_ns - client.began_ns);
  ++fleet.total.connects;
  ++fleet.connected;
  fleet.results.connections.most_at_once =
      std::max<std::uint64_t>(fleet.results.connections.most_at_once, fleet.connected);
  client.keep_alive_s = answer.server_keep_alive_s.value_or(plan_of(fleet, index).keep_alive_s);
  client.stage = stage::subscribing;
  // MQTT 3.1 does not tell: there the client subscribes again, and a session that was lost shows in what is missing.
  const bool tells = plan_of(fleet, index).version != mqtt::version::v3_1;
  const bool goes_on = client.keeps_session && (answer.session_present || !tells);
  if (client.keeps_session && client.audience != none) {
    fleet.audit.on_back(audience_index(client.audience), goes_on, now_ns);
    if (goes_on) set_listening(fleet, index, true);
  }
  if (!answer.session_present && tells) fleet.unreleased_of.erase(index);
  if (!goes_on) forget_session(fleet, index);
  if (!tells) client.step = 0;
  client.keeps_session = goes_on;
  if (client.publisher != none) {
    fleet.publishers[client.publisher].receive_maximum = answer.receive_maximum;
    if (goes_on) resend(fleet, client.publisher, now_ns);
  }
  subscribe_next(fleet, index, now_ns);
}

}  // namespace

void call_clients(fleet& fleet, std::uint64_t now_ns) {
  if (fleet.phase >= phase::settling) return;
  for (group_state& state : fleet.groups) {
    const connect_plan& how = state.plan->connect;
    const std::uint64_t due = due_calls(fleet, state, now_ns);
    for (std::uint32_t calls = 0; calls < calls_a_turn && state.called < due; ++calls) {
      if (state.greeting >= std::min(how.in_flight, state.plan->clients)) break;
      begin_connection(fleet, state.first + take_next(fleet, state), now_ns);
      ++state.called;
      if (!how.expects_refusal) fleet.progress_ns = now_ns;
    }
  }
}

std::uint64_t next_call_ns(const fleet& fleet) {
  std::uint64_t earliest = for_ever;
  if (fleet.phase >= phase::settling) return earliest;
  for (const group_state& state : fleet.groups) {
    const connect_plan& how = state.plan->connect;
    if (state.called == all_calls(*state.plan)) continue;
    if (state.greeting >= std::min(how.in_flight, state.plan->clients)) continue;
    const double called = static_cast<double>(state.called);
    const double offset = how.rate == 0 ? 0 : called / how.rate * static_cast<double>(second_ns);
    earliest = std::min(earliest, fleet.started_ns + how.at_ns + static_cast<std::uint64_t>(std::ceil(offset)));
  }
  return earliest;
}

void begin_connection(fleet& fleet, std::uint32_t index, std::uint64_t now_ns) {
  client& client = fleet.clients[index];
  const group& plan = plan_of(fleet, index);
  const std::uint32_t number = number_of(fleet, index);
  const std::string client_id = plan.client_id.expanded(number, 0);
  const std::string user = plan.user_name ? plan.user_name->expanded(number, 0) : std::string();
  const std::string password = plan.password ? plan.password->expanded(number, 0) : std::string();
  mqtt::connect packet;
  packet.version = plan.version;
  // A session that stays is wiped once, at the start of the run, and resumed from then on.
  packet.clean_start = plan.clean_start && !(client.keeps_session && plan.version == mqtt::version::v5);
  packet.keep_alive_s = plan.keep_alive_s;
  packet.client_id = client_id;
  packet.session_expiry_interval_s = plan.session_expiry_s;
  if (plan.user_name) packet.user_name = user;
  if (plan.password) packet.password = base::as_bytes(password);

  client.stage = stage::greeting;
  client.began_ns = now_ns;
  client.is_blocked = client.awaits_pong = client.is_leaving = false;
  ++fleet.groups[client.group].greeting;
  ++fleet.results.connections.attempts;
  fleet.output.resize(std::max(fleet.output.size(), mqtt::encoded_size(packet)));
  const std::uint8_t* end = mqtt::encode(packet, fleet.output.data());
  fleet.wire.connect(index);
  send(fleet, index, {fleet.output.data(), end}, now_ns);
  arm(fleet, index);
}

void on_connack(fleet& fleet, std::uint32_t index, const packet& found, std::uint64_t now_ns) {
  client& client = fleet.clients[index];
  const mqtt::version version = plan_of(fleet, index).version;
  const auto flags = static_cast<std::uint8_t>(found.first_byte & 15);
  const auto answer = mqtt::decode_connack({mqtt::packet_type::connack, flags, {found.body, found.size}}, version);
  if (client.stage != stage::greeting || !answer) {
    drop(fleet, index, departure::by_server, "a CONNACK that was not due or cannot be decoded", now_ns);
    return;
  }
  --fleet.groups[client.group].greeting;
  const bool is_to_be_refused = plan_of(fleet, index).connect.expects_refusal;
  if (answer->reason == mqtt::reason_code::success) {
    ++fleet.results.connections.accepted;
    if (!is_to_be_refused) return accept(fleet, index, *answer, now_ns);
    ++fleet.wrongly_accepted;
    client.stage = stage::away;  // its answer has come
    return drop(fleet, index, departure::by_plan, {}, now_ns);
  }
  ++fleet.results.connections.refused;
  if (is_to_be_refused) {
    ++fleet.total.refusals;
    fleet.results.connect.record(now_ns - client.began_ns);
  }
  client.stage = stage::away;  // so that it does not count as failed as well
  drop(fleet, index, departure::by_server, "refused: " + std::string(mqtt::name_of(answer->reason)), now_ns);
}

}  // namespace headgate::loadtest::core
