#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "loadtest/core/fleet.hpp"
#include "mqtt/acknowledgement.hpp"
#include "mqtt/connack.hpp"
#include "mqtt/connect.hpp"
#include "mqtt/publish.hpp"
#include "mqtt/suback.hpp"
#include "mqtt/subscribe.hpp"
#include "mqtt/topic.hpp"
#include "mqtt/unsuback.hpp"
#include "mqtt/unsubscribe.hpp"

namespace headgate::loadtest::core {

// A wire with a small MQTT server at its other end, which delivers at once and in order. What it gives to a client
// waits until the test hands it over. Sessions of clients that want it are kept: subscriptions, and what came
// meanwhile.
class fake_server final : public wire {
 public:
  struct session {
    std::map<std::string, mqtt::qos> filters;
    std::deque<std::vector<std::uint8_t>> kept;  // PUBLISH bytes that came while the client was away
    std::uint16_t last_id = 0;
    std::map<std::uint16_t, std::vector<std::uint8_t>> unacknowledged;  // sent, and not answered
    std::set<std::uint16_t> unreleased;
  };
  struct link {
    bool is_open = false;
    mqtt::version version{};
    bool is_persistent = false;
    bool said_disconnect = false;
    bool is_closed_by_server = false;
    std::string client_id;
    std::vector<std::uint8_t> input;     // from the client
    std::vector<std::uint8_t> output;    // to the client
    std::size_t room = ~std::size_t{0};  // what its socket takes before it is blocked
    bool was_blocked = false;
  };

  std::map<std::uint32_t, link> links;
  std::map<std::string, session> sessions;
  std::vector<std::string> log;  // "0 CONNECT a", "0 PUBLISH t"
  bool accepts = true;
  std::string refuses{};  // clients whose ids begin like this
  bool answers = true;    // false: takes everything and says nothing
  bool forgets_sessions = false;
  bool closes_at_subscribe = false;
  bool acknowledges_qos_0 = false;  // with a PUBACK that nobody asked for
  std::uint16_t receive_maximum = 65'535;
  std::uint64_t drops_puback = 0;  // the n-th one is never sent
  std::optional<std::uint16_t> keep_alive_s{};
  std::uint64_t publishes = 0;
  // Called for every PUBLISH to a subscriber; changes what is sent.
  std::function<void(std::uint32_t client, std::vector<std::vector<std::uint8_t>>& packets)> fault;

  void connect(std::uint32_t client) override {
    links[client] = link{};
    links[client].is_open = true;
  }

  bool send(std::uint32_t client, base::bytes data) override {
    link& from = links[client];
    from.input.insert(from.input.end(), data.begin(), data.end());
    if (from.room != ~std::size_t{0}) {
      from.room -= std::min(from.room, data.size());
      from.was_blocked = from.room == 0;
    }
    work(client);
    return !from.was_blocked;
  }

  void close(std::uint32_t client) override { lose(client); }

  void lose(std::uint32_t client) {
    link& of = links[client];
    if (!of.is_open) return;
    of.is_open = false;
    if (!of.is_persistent) {
      sessions.erase(of.client_id);
      return;
    }
    session& kept = sessions[of.client_id];
    // Sent and not acknowledged: again, with DUP, before what came meanwhile.
    for (auto entry = kept.unacknowledged.rbegin(); entry != kept.unacknowledged.rend(); ++entry) {
      entry->second[0] |= 8;
      kept.kept.push_front(entry->second);
    }
    kept.unacknowledged.clear();
  }

 private:
  void work(std::uint32_t client) {
    link& from = links[client];
    for (;;) {
      const auto outcome = mqtt::next_frame(from.input, mqtt::max_remaining_length, from.version);
      if (outcome.what != mqtt::frame_outcome::kind::complete) return;
      if (answers) handle(client, outcome.packet);
      if (!from.is_open) return;
      from.input.erase(from.input.begin(), from.input.begin() + static_cast<std::ptrdiff_t>(outcome.size));
    }
  }

  template <class Packet>
  void reply(std::uint32_t client, const Packet& packet) {
    link& to = links[client];
    const std::size_t at = to.output.size();
    to.output.resize(at + mqtt::encoded_size(packet, to.version));
    mqtt::encode(packet, to.version, to.output.data() + at);
  }

  void handle(std::uint32_t client, const mqtt::frame& packet) {
    link& from = links[client];
    const std::string who = std::to_string(client) + " ";
    switch (packet.type) {
      case mqtt::packet_type::connect:
        return on_connect(client, packet);
      case mqtt::packet_type::subscribe:
        return on_subscribe(client, packet);
      case mqtt::packet_type::unsubscribe: {
        const auto wanted = mqtt::decode_unsubscribe(packet, from.version);
        log.push_back(who + "UNSUBSCRIBE " + std::string(wanted->filters[0]));
        const std::vector<mqtt::reason_code> reasons(wanted->filters.size());
        return reply(client, mqtt::unsuback{wanted->packet_id, reasons, {}});
      }
      case mqtt::packet_type::publish:
        return on_publish(client, packet);
      case mqtt::packet_type::pubrel: {
        const auto released = mqtt::decode_acknowledgement(packet, from.version);
        sessions[from.client_id].unreleased.erase(released->packet_id);
        return reply(client, mqtt::acknowledgement{mqtt::packet_type::pubcomp, released->packet_id});
      }
      case mqtt::packet_type::puback:
      case mqtt::packet_type::pubcomp:
        sessions[from.client_id].unacknowledged.erase(mqtt::decode_acknowledgement(packet, from.version)->packet_id);
        return;
      case mqtt::packet_type::pubrec:
        return reply(client, mqtt::acknowledgement{mqtt::packet_type::pubrel,
                                                   mqtt::decode_acknowledgement(packet, from.version)->packet_id});
      case mqtt::packet_type::pingreq:
        log.push_back(who + "PINGREQ");
        from.output.insert(from.output.end(), {0xd0, 0});
        return;
      case mqtt::packet_type::disconnect:
        log.push_back(who + "DISCONNECT");
        from.said_disconnect = true;
        return;
      default:
        log.push_back(who + "?");
    }
  }

  void on_connect(std::uint32_t client, const mqtt::frame& packet) {
    link& from = links[client];
    const auto wanted = mqtt::decode_connect(packet);
    from.version = wanted->version;
    from.client_id = wanted->client_id;
    from.is_persistent = wanted->session_expiry_interval_s != 0;
    log.push_back(std::to_string(client) + " CONNECT " + from.client_id);
    mqtt::connack answer;
    if (!accepts || (!refuses.empty() && wanted->client_id.starts_with(refuses))) {
      answer.reason = mqtt::reason_code::server_unavailable;
      return reply(client, answer);
    }
    if (wanted->clean_start || forgets_sessions) sessions.erase(from.client_id);
    answer.receive_maximum = receive_maximum;
    answer.server_keep_alive_s = keep_alive_s;
    answer.session_present = sessions.contains(from.client_id);
    reply(client, answer);
    session& resumed = sessions[from.client_id];
    for (auto& bytes : std::exchange(resumed.kept, {})) give(client, resumed, std::move(bytes));
  }

  void on_subscribe(std::uint32_t client, const mqtt::frame& packet) {
    if (closes_at_subscribe) {
      links[client].is_closed_by_server = true;
      return;
    }
    const auto wanted = mqtt::decode_subscribe(packet, links[client].version);
    std::vector<mqtt::reason_code> reasons;
    for (const auto& subscription : wanted->subscriptions) {
      log.push_back(std::to_string(client) + " SUBSCRIBE " + std::string(subscription.filter));
      sessions[links[client].client_id].filters[std::string(subscription.filter)] = subscription.maximum_qos;
      reasons.push_back(static_cast<mqtt::reason_code>(subscription.maximum_qos));
    }
    reply(client, mqtt::suback{wanted->packet_id, reasons, {}});
  }

  void on_publish(std::uint32_t client, const mqtt::frame& packet) {
    link& from = links[client];
    const auto message = mqtt::decode_publish(packet, from.version);
    ++publishes;
    if (message->qos == mqtt::qos::at_most_once && acknowledges_qos_0) {
      from.output.insert(from.output.end(), {0x40, 2, 0, 1});
    } else if (message->qos == mqtt::qos::at_least_once && publishes != drops_puback) {
      reply(client, mqtt::acknowledgement{mqtt::packet_type::puback, message->packet_id});
    } else if (message->qos == mqtt::qos::exactly_once) {
      reply(client, mqtt::acknowledgement{mqtt::packet_type::pubrec, message->packet_id});
      if (!sessions[from.client_id].unreleased.insert(message->packet_id).second) return;
    }
    std::vector<std::string> members;  // of the one shared subscription that a test may have
    for (auto& [client_id, to] : sessions) {
      for (const auto& [filter, granted] : to.filters) {
        const auto shared = mqtt::split_shared_filter(filter);
        if (!mqtt::matches(shared ? shared->filter : filter, message->topic)) continue;
        if (shared) {
          members.push_back(client_id);
        } else {
          deliver(client_id, to, *message, mqtt::lower(granted, message->qos));
        }
      }
    }
    if (members.empty()) return;
    const std::string& chosen = members[publishes % members.size()];
    session& member = sessions[chosen];
    deliver(chosen, member, *message, mqtt::lower(member.filters.begin()->second, message->qos));
  }

  void deliver(const std::string& client_id, session& to, const mqtt::publish_view& message, mqtt::qos qos) {
    std::uint32_t client = none;
    for (const auto& [number, link] : links) {
      if (link.is_open && link.client_id == client_id) client = number;
    }
    if (client == none && qos == mqtt::qos::at_most_once) return;
    mqtt::publish_head head;
    head.version = client == none ? version_of(client_id) : links[client].version;
    head.qos = qos;
    head.topic = message.topic;
    head.payload_size = message.payload.size();
    head.packet_id = qos == mqtt::qos::at_most_once ? std::uint16_t{0} : ++to.last_id;
    std::vector<std::uint8_t> bytes(mqtt::encoded_size(head));
    mqtt::encode(head, bytes.data());
    bytes.insert(bytes.end(), message.payload.begin(), message.payload.end());
    if (client == none) {
      to.kept.push_back(std::move(bytes));
    } else {
      give(client, to, std::move(bytes));
    }
  }

  mqtt::version version_of(const std::string& client_id) const {
    for (const auto& [number, link] : links) {
      if (link.client_id == client_id) return link.version;
    }
    return mqtt::version::v3_1_1;
  }

  void give(std::uint32_t client, session& to, std::vector<std::uint8_t> bytes) {
    link& link = links[client];
    bool wrong = false;
    packet found;
    split_packet(bytes.data(), bytes.data() + bytes.size(), found, wrong);
    const std::size_t topic_size = read_u16(found.body);
    if ((bytes[0] & 6) != 0) to.unacknowledged[read_u16(found.body + 2 + topic_size)] = bytes;
    std::vector<std::vector<std::uint8_t>> packets{std::move(bytes)};
    if (fault) fault(client, packets);
    for (const auto& packet : packets) link.output.insert(link.output.end(), packet.begin(), packet.end());
  }
};

}  // namespace headgate::loadtest::core
