#include "setup.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "mqtt/connack.hpp"
#include "mqtt/suback.hpp"
#include "mqtt/subscribe.hpp"

namespace headgate::bench {

namespace {

// Requests on the way while setting up: enough that the server's turns are full, less than its listen backlog.
constexpr std::uint32_t setups_at_a_time = 100;
// 500 filters of 19 bytes make a SUBSCRIBE of 11 KB.
constexpr std::uint32_t filters_a_packet = 500;

mqtt::frame whole_frame(std::span<const std::uint8_t> received, mqtt::packet_type expected, const char* name) {
  const auto outcome = mqtt::next_frame(received, mqtt::max_remaining_length);
  if (outcome.what != mqtt::frame_outcome::kind::complete || outcome.packet.type != expected) {
    throw std::runtime_error(std::string{"the server sent something else than the "} + name + " that was due");
  }
  return outcome.packet;
}

std::vector<std::uint8_t> make_subscribe(const options& chosen, const std::vector<std::string>& filters, mqtt::qos qos,
                                         std::uint16_t packet_id) {
  mqtt::subscribe packet;
  packet.packet_id = packet_id;
  for (const std::string& filter : filters) {
    mqtt::subscription subscription;
    subscription.filter = filter;
    subscription.maximum_qos = qos;
    packet.subscriptions.push_back(subscription);
  }
  std::vector<std::uint8_t> data(mqtt::encoded_size(packet, chosen.version));
  mqtt::encode(packet, chosen.version, data.data());
  return data;
}

void expect_suback(std::span<const std::uint8_t> received, mqtt::version version, mqtt::qos qos, std::size_t filters) {
  const auto frame = whole_frame(received, mqtt::packet_type::suback, "SUBACK");
  const auto answer = mqtt::decode_suback(frame, version);
  if (!answer) throw std::runtime_error("the server sent a SUBACK that cannot be decoded");
  const auto granted = static_cast<mqtt::reason_code>(qos);
  if (answer->reasons.size() != filters ||
      std::ranges::count(answer->reasons, granted) != std::ssize(answer->reasons)) {
    throw std::runtime_error("the server did not grant every subscription with its QoS");
  }
}

}  // namespace

std::string client_id_of(std::uint64_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "bench-%017llu", static_cast<unsigned long long>(number % 100'000'000'000'000'000U));
  return text;
}

void expect_connack(std::span<const std::uint8_t> received, mqtt::version version) {
  const auto answer = mqtt::decode_connack(whole_frame(received, mqtt::packet_type::connack, "CONNACK"), version);
  if (!answer) throw std::runtime_error("the server sent a CONNACK that cannot be decoded");
  if (answer->reason != mqtt::reason_code::success) {
    throw std::runtime_error("the server refused a connection: " + std::string{mqtt::name_of(answer->reason)});
  }
}

void connect_clients(fleet& clients, const options& chosen, std::uint32_t count) {
  while (count > 0) {
    const std::uint32_t batch = std::min(count, setups_at_a_time);
    const auto first = static_cast<std::uint32_t>(clients.size());
    for (std::uint32_t i = 0; i < batch; ++i) clients.open(client_id_of(first + i));
    for (std::uint32_t i = 0; i < batch; ++i) expect_connack(clients.await(first + i), chosen.version);
    count -= batch;
  }
}

void subscribe_clients(fleet& clients, const options& chosen, const subscriptions_plan& plan,
                       const filter_maker& filter_of) {
  std::vector<std::string> filters;
  std::uint16_t packet_id = 0;
  for (std::uint32_t done = 0; done < plan.filters; done += filters_a_packet) {
    const std::uint32_t now = std::min(plan.filters - done, filters_a_packet);
    packet_id = id_after(packet_id);
    for (std::uint32_t from = 0; from < plan.count; from += setups_at_a_time) {
      const std::uint32_t to = std::min(from + setups_at_a_time, plan.count);
      for (std::uint32_t client = from; client < to; ++client) {
        filters.clear();
        for (std::uint32_t number = 0; number < now; ++number) filters.push_back(filter_of(client, done + number));
        clients.send(plan.first + client, make_subscribe(chosen, filters, plan.qos, packet_id));
      }
      for (std::uint32_t client = from; client < to; ++client) {
        // Some servers take quadratic time for many subscriptions of one client.
        expect_suback(clients.await(plan.first + client, 60), chosen.version, plan.qos, now);
      }
    }
  }
}

void watch_clients(fleet& clients) {
  for (std::uint32_t client = 0; client < clients.size(); ++client) clients.watch(client);
}

}  // namespace headgate::bench
