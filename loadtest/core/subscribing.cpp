#include <algorithm>

#include "loadtest/core/connections.hpp"
#include "loadtest/core/publishing.hpp"
#include "mqtt/suback.hpp"
#include "mqtt/subscribe.hpp"
#include "mqtt/unsubscribe.hpp"

namespace headgate::loadtest::core {

namespace {

// Of a SUBSCRIBE: 500 filters of 20 bytes make a packet of 12 KB.
constexpr std::uint32_t filters_a_packet = 500;

std::uint32_t filters_of(const subscribe_plan& plan) {
  std::uint32_t sum = 0;
  for (const text_template& filter : plan.filters) sum += filter.names_topic() ? plan.topics : 1;
  return sum;
}

// The client's filter number `place`, with the share's prefix.
std::string filter_at(const subscribe_plan& plan, std::uint32_t number, std::uint32_t place) {
  std::string text = plan.share.empty() ? std::string() : "$share/" + plan.share + "/";
  for (const text_template& filter : plan.filters) {
    const std::uint32_t count = filter.names_topic() ? plan.topics : 1;
    if (place < count) {
      filter.expand(number, place, text);
      return text;
    }
    place -= count;
  }
  return text;
}

std::uint16_t next_packet_id(client& client) {
  const bool restarts = client.packet_id <= publish_ids || client.packet_id == 65'535;
  client.packet_id = static_cast<std::uint16_t>(restarts ? publish_ids + 1 : client.packet_id + 1);
  return client.packet_id;
}

void send_subscribe(fleet& fleet, std::uint32_t index, const std::vector<std::string>& filters, std::uint64_t now_ns) {
  const group& plan = plan_of(fleet, index);
  mqtt::subscribe packet;
  packet.packet_id = next_packet_id(fleet.clients[index]);
  for (const std::string& filter : filters) {
    mqtt::subscription wanted;
    wanted.filter = filter;
    wanted.maximum_qos = plan.subscribe->qos;
    packet.subscriptions.push_back(wanted);
  }
  fleet.output.resize(std::max(fleet.output.size(), mqtt::encoded_size(packet, plan.version)));
  const std::uint8_t* end = mqtt::encode(packet, plan.version, fleet.output.data());
  send(fleet, index, {fleet.output.data(), end}, now_ns);
}

void churn_once(fleet& fleet, std::uint32_t index, std::uint64_t now_ns) {
  client& client = fleet.clients[index];
  const group& plan = plan_of(fleet, index);
  const std::uint32_t number = number_of(fleet, index);
  const std::uint32_t count = filters_of(*plan.subscribe);
  send_subscribe(fleet, index, {filter_at(*plan.subscribe, number, client.step % count)}, now_ns);
  if (client.step > 0) {
    const std::string before = filter_at(*plan.subscribe, number, (client.step - 1) % count);
    mqtt::unsubscribe packet;
    packet.packet_id = next_packet_id(client);
    packet.filters = {before};
    fleet.output.resize(std::max(fleet.output.size(), mqtt::encoded_size(packet, plan.version)));
    const std::uint8_t* end = mqtt::encode(packet, plan.version, fleet.output.data());
    send(fleet, index, {fleet.output.data(), end}, now_ns);
  }
  ++client.step;
}

bool churns(const group& plan) {
  return plan.subscribe && plan.subscribe->churn_rate > 0;
}

std::uint64_t churn_slot_ns(const fleet& fleet, const group_state& state) {
  const double offset = static_cast<double>(state.next_slot) / state.plan->subscribe->churn_rate;
  return fleet.published_from_ns + static_cast<std::uint64_t>(offset * static_cast<double>(second_ns));
}

}  // namespace

void subscribe_next(fleet& fleet, std::uint32_t index, std::uint64_t now_ns) {
  client& client = fleet.clients[index];
  const group& plan = plan_of(fleet, index);
  const std::uint32_t count = plan.subscribe && !churns(plan) ? filters_of(*plan.subscribe) : 0;
  if (client.step >= count) {
    become_ready(fleet, index, now_ns);
    return;
  }
  std::vector<std::string> filters;
  const std::uint32_t end = std::min(count, client.step + filters_a_packet);
  for (std::uint32_t place = client.step; place < end; ++place) {
    filters.push_back(filter_at(*plan.subscribe, number_of(fleet, index), place));
  }
  client.step = end;
  send_subscribe(fleet, index, filters, now_ns);
  arm(fleet, index);
}

void on_suback(fleet& fleet, std::uint32_t index, const packet& found, std::uint64_t now_ns) {
  client& client = fleet.clients[index];
  const group& plan = plan_of(fleet, index);
  const auto answer = mqtt::decode_suback({mqtt::packet_type::suback, 0, {found.body, found.size}}, plan.version);
  if (!answer || !plan.subscribe || !is_connected(client)) {
    drop(fleet, index, departure::by_server, "a SUBACK that was not due or cannot be decoded", now_ns);
    return;
  }
  const auto granted = static_cast<mqtt::reason_code>(plan.subscribe->qos);
  for (const mqtt::reason_code reason : answer->reasons) {
    if (reason == granted) continue;
    const bool is_lower = reason < mqtt::reason_code::unspecified_error;
    ++fleet.reasons[is_lower ? "a subscription was granted a lower QoS than asked for"
                             : "a subscription was refused: " + std::string(mqtt::name_of(reason))];
    ++fleet.refused_filters;
  }
  if (churns(plan)) {
    ++fleet.total.subscribes;
  } else if (client.stage == stage::subscribing && answer->packet_id == client.packet_id) {
    subscribe_next(fleet, index, now_ns);
  }
}

void on_unsuback(fleet& fleet, std::uint32_t index, std::uint64_t now_ns) {
  if (churns(plan_of(fleet, index))) return;
  drop(fleet, index, departure::by_server, "an UNSUBACK that was not due", now_ns);
}

void become_ready(fleet& fleet, std::uint32_t index, std::uint64_t now_ns) {
  client& client = fleet.clients[index];
  const group& plan = plan_of(fleet, index);
  client.stage = stage::ready;
  client.keeps_session = plan.is_persistent();
  client.attempts = 0;
  if (client.audience != none && !client.is_listening) {
    fleet.audit.on_subscribed(audience_index(client.audience));
    set_listening(fleet, index, true);
  }
  if (!client.was_ready) {
    client.was_ready = true;
    fleet.progress_ns = now_ns;
    if (plan.connect.at_ns == 0) --fleet.awaited;
  }
  client.until_ns = for_ever;
  // At the end everybody stays, to receive what is still under way.
  const bool leaves = plan.life.hold_ns != for_ever && fleet.phase < phase::settling;
  if (leaves) client.until_ns = now_ns + jittered(fleet, plan.life.hold_ns, plan.life.jitter);
  if (client.publisher != none) mark_pending(fleet, client.publisher);
  arm(fleet, index);
}

void churn_due(fleet& fleet, std::uint64_t now_ns) {
  if (!is_publishing(fleet)) return;
  for (group_state& state : fleet.groups) {
    if (!churns(*state.plan)) continue;
    while (churn_slot_ns(fleet, state) <= now_ns) {
      const auto number = static_cast<std::uint32_t>(state.next_slot++ % state.plan->clients);
      const client& client = fleet.clients[state.first + number];
      if (client.stage == stage::ready && !client.is_blocked && !client.is_leaving) {
        churn_once(fleet, state.first + number, now_ns);
      }
    }
  }
}

std::uint64_t next_churn_ns(const fleet& fleet) {
  std::uint64_t earliest = for_ever;
  if (!is_publishing(fleet)) return earliest;
  for (const group_state& state : fleet.groups) {
    if (churns(*state.plan)) earliest = std::min(earliest, churn_slot_ns(fleet, state));
  }
  return earliest;
}

}  // namespace headgate::loadtest::core
