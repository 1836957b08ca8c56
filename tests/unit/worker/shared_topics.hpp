#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/support/listed_rights.hpp"
#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

using headgate::tests::denials;

inline std::shared_ptr<const denials> rules(denials denied) {
  return std::make_shared<const denials>(std::move(denied));
}

// Members "a" and "b", who may each be shown what is below t/ and their name, and a publisher who may do everything.
struct shared_topics {
  explicit shared_topics(std::uint16_t workers = 1, denials denied = {{"a", "t/b/#"}, {"b", "t/a/#"}})
      : talk({}, make_fleet(workers, std::move(denied))), publisher(talk.join("p", mqtt::version::v5)) {}

  static fleet make_fleet(std::uint16_t workers, denials denied) {
    fleet made;
    made.workers = workers;
    if (!denied.empty()) made.rights = rules(std::move(denied));
    return made;
  }
  std::uint32_t member(std::string_view id, std::uint16_t receive_maximum, std::uint16_t worker = 0,
                       std::uint32_t expiry_s = 0) {
    mqtt::connect packet;
    packet.receive_maximum = receive_maximum;
    packet.session_expiry_interval_s = expiry_s;
    const auto client = talk.join(id, mqtt::version::v5, packet, worker);
    talk.subscribe(client, "$share/g/t/#", 1);
    return client;
  }
  // A member whose session is still there; what its group gives it is still to be taken.
  std::uint32_t come_back(std::string_view id, std::uint16_t receive_maximum, std::uint16_t worker,
                          std::uint32_t expiry_s) {
    mqtt::connect packet;
    packet.receive_maximum = receive_maximum;
    packet.session_expiry_interval_s = expiry_s;
    const auto client = talk.come(id, packet, mqtt::version::v5, worker);
    auto& heard = talk.end(client).to_client;
    EXPECT_GT(heard.size(), 3U);
    EXPECT_EQ(heard[0], 0x20);
    EXPECT_EQ(heard[2], 1) << "its session is not there";
    heard.erase(0, 2 + static_cast<std::size_t>(heard[1]));
    return client;
  }
  void publish(const std::string& topic, int count, int qos = 1) {
    for (int n = 0; n < count; ++n) {
      talk.publish(publisher, topic, std::to_string(published++), qos, static_cast<std::uint16_t>(1 + n % 1000));
      if (n % 500 == 499) talk.turn();
    }
    talk.turn();
    talk.take(publisher);
  }
  // Takes and acknowledges until nothing more comes.
  std::vector<std::string> take_all(std::uint32_t client, std::string_view only_below = "t/") {
    std::vector<std::string> payloads;
    for (;;) {
      const auto publishes = talk.take_publishes(client);
      if (publishes.empty()) return payloads;
      for (const auto& each : publishes) {
        EXPECT_TRUE(each.topic.starts_with(only_below)) << each.topic;
        payloads.push_back(each.payload);
      }
      talk.acknowledge(client, publishes);
      talk.turn();
    }
  }

  conversation talk;
  std::uint32_t publisher;
  int published = 0;
};

inline std::size_t distinct(const std::vector<std::string>& payloads) {
  return std::set<std::string>(payloads.begin(), payloads.end()).size();
}

}  // namespace headgate::worker::testing
