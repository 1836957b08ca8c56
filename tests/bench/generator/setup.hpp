#pragma once

#include <functional>

#include "fleet.hpp"

namespace headgate::bench {

// 23 bytes, the most that every server of MQTT 3.1.1 must take.
std::string client_id_of(std::uint64_t number);

// Throws unless the packet is a CONNACK that accepts.
void expect_connack(std::span<const std::uint8_t> received, mqtt::version version);

// Opens `count` more clients, some at a time, and awaits their CONNACKs.
void connect_clients(fleet& clients, const options& chosen, std::uint32_t count);

// Subscribes the clients `first` to `first + count - 1` to `filters` filters each, in SUBSCRIBE packets of many
// filters, and checks that every one was granted at `qos`. filter_of(position of the client among them, number of the
// filter).
using filter_maker = std::function<std::string(std::uint32_t, std::uint32_t)>;
struct subscriptions_plan {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t filters = 1;
  mqtt::qos qos = mqtt::qos::at_most_once;
};
void subscribe_clients(fleet& clients, const options& chosen, const subscriptions_plan& plan,
                       const filter_maker& filter_of);

// Makes fleet::wait() report all clients.
void watch_clients(fleet& clients);

}  // namespace headgate::bench
