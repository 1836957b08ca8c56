#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "mqtt/connack.hpp"
#include "mqtt/connect.hpp"
#include "mqtt/disconnect.hpp"
#include "mqtt/publish.hpp"
#include "mqtt/suback.hpp"
#include "mqtt/subscribe.hpp"
#include "tests/unit/worker/fake_network.hpp"
#include "worker/worker.hpp"

namespace headgate::worker::testing {

inline std::string hex(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}

// `version`: for packets that do not know theirs.
template <class Packet, class... Version>
std::string encoded(const Packet& packet, Version... version) {
  std::string text(mqtt::encoded_size(packet, version...), '\0');
  mqtt::encode(packet, version..., reinterpret_cast<std::uint8_t*>(text.data()));
  return text;
}

// One PUBLISH that a client received.
struct received_publish {
  std::string topic;
  std::string payload;
  int qos = 0;
  std::uint16_t packet_id = 0;
  std::string properties;
  std::uint32_t expiry_s = mqtt::no_expiry;
};

// A worker with a fake network, and what clients say to it. Every `turn` is one turn of the worker.
class conversation {
 public:
  explicit conversation(base::limits chosen = {}) : limits(chosen) {}

  void turn(int count = 1) {
    for (int n = 0; n < count; ++n) worker.turn();
  }
  // Turns until the worker has nothing left to do for itself.
  void settle() {
    do {
      worker.turn();
      worker.turn();
    } while (network.last_timeout_ms == 0);
  }
  void advance_s(std::uint64_t seconds) {
    clock.advance_ms(seconds * 1000);
    turn();
  }

  // A client that has sent CONNECT and got its CONNACK (which is taken away).
  std::uint32_t join(std::string_view id, mqtt::version version = mqtt::version::v3_1_1, mqtt::connect packet = {}) {
    const auto client = network.connect();
    packet.version = version;
    packet.clean_start = true;
    packet.client_id = id;
    say(client, encoded(packet));
    turn();
    const auto connack = take(client);
    EXPECT_EQ(connack.substr(0, 1), "\x20");
    EXPECT_EQ(connack.at(3), 0) << "CONNACK with an error";
    versions_[client] = version;
    return client;
  }

  void say(std::uint32_t client, std::string_view bytes) { network[client].to_server += bytes; }
  // What the client received since it was last asked.
  std::string take(std::uint32_t client) { return std::exchange(network[client].to_client, {}); }

  void subscribe(std::uint32_t client, std::string_view filter, int qos, bool no_local = false) {
    say(client, subscribe_packet(client, filter, qos, no_local));
    turn();
    const auto suback = take(client);
    ASSERT_FALSE(suback.empty());
    ASSERT_EQ(suback.front(), '\x90');
    ASSERT_EQ(suback.back(), static_cast<char>(qos > 1 ? 1 : qos));
  }
  std::string subscribe_packet(std::uint32_t client, std::string_view filter, int qos, bool no_local = false) {
    mqtt::subscribe packet;
    packet.packet_id = 7;
    packet.subscriptions = {{filter, static_cast<mqtt::qos>(qos), no_local, false, 0}};
    return encoded(packet, versions_[client]);
  }

  static std::string publish_packet(std::string_view topic, std::string_view payload, int qos = 0,
                                    std::uint16_t packet_id = 1, mqtt::version version = mqtt::version::v3_1_1,
                                    std::string_view properties = {}) {
    mqtt::publish_head head;
    head.version = version;
    head.qos = static_cast<mqtt::qos>(qos);
    head.packet_id = packet_id;
    head.topic = topic;
    head.properties = base::as_bytes(properties);
    head.payload_size = payload.size();
    return encoded(head) + std::string(payload);
  }
  void publish(std::uint32_t client, std::string_view topic, std::string_view payload, int qos = 0,
               std::uint16_t packet_id = 1) {
    say(client, publish_packet(topic, payload, qos, packet_id, versions_[client]));
  }

  // The PUBLISH packets that a client received whole since it was last asked; anything else fails the test.
  std::vector<received_publish> take_publishes(std::uint32_t client) {
    std::vector<received_publish> all;
    auto& text = network[client].to_client;
    std::size_t done = 0;
    for (;;) {
      const auto found = mqtt::next_frame(base::as_bytes(text).subspan(done), mqtt::max_remaining_length);
      EXPECT_NE(found.what, mqtt::frame_outcome::kind::malformed);
      if (found.what != mqtt::frame_outcome::kind::complete) break;
      done += found.size;
      EXPECT_EQ(found.packet.type, mqtt::packet_type::publish);
      const auto packet = mqtt::decode_publish(found.packet, versions_[client], mqtt::sender::server);
      EXPECT_TRUE(packet);
      if (!packet) break;
      all.push_back({std::string(packet->topic), std::string(base::as_text(packet->payload)),
                     static_cast<int>(packet->qos), packet->packet_id, std::string(base::as_text(packet->properties)),
                     packet->message_expiry_interval_s});
    }
    text.erase(0, done);
    return all;
  }
  std::vector<std::string> take_payloads(std::uint32_t client) {
    std::vector<std::string> payloads;
    for (auto& publish : take_publishes(client)) payloads.push_back(std::move(publish.payload));
    return payloads;
  }
  void acknowledge(std::uint32_t client, const std::vector<received_publish>& publishes) {
    for (const auto& publish : publishes) {
      if (publish.qos == 1) say(client, hex({0x40, 2, publish.packet_id >> 8, publish.packet_id & 255}));
    }
  }
  static std::string puback(int packet_id) { return hex({0x40, 2, packet_id >> 8, packet_id & 255}); }

  bool is_open(std::uint32_t client) { return network[client].open && !network[client].half_closed_by_server; }

  base::limits limits;
  manual_clock clock;
  silent_waker waker;
  recording_log log;
  fake_network network;
  headgate::worker::worker worker{limits, base::worker_id{0}, {network, network, clock, waker, log}, 1};

 private:
  std::map<std::uint32_t, mqtt::version> versions_;
};

}  // namespace headgate::worker::testing
