#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/assert.hpp"
#include "base/counters.hpp"
#include "mqtt/connect.hpp"
#include "mqtt/subscribe.hpp"
#include "mqtt/unsubscribe.hpp"
#include "proxy/gateway/events.hpp"
#include "shard-router/changes.hpp"
#include "tests/support/gauges.hpp"
#include "tests/support/listed_rights.hpp"
#include "tests/unit/worker/fake_network.hpp"
#include "tests/unit/worker/heard.hpp"
#include "tests/unit/worker/late_engines.hpp"
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

// How many workers there are, the shards of each cluster, what decides the order of late completions, and who may do
// what: null or empty: everybody everything.
struct fleet {
  std::uint16_t workers = 1;
  std::vector<std::uint32_t> clusters{1};
  std::uint64_t seed = 1;
  std::shared_ptr<const headgate::tests::denials> rights = nullptr;
  headgate::tests::judge judge = {};
  bool verifies_names = true;  // the authenticator does
  bool bind_client_id = false;
  bool tell_reasons = true;
  std::function<std::unique_ptr<broker::log::log_store>(base::shard_id)> log = {};  // empty: one in memory
  // Empty: one in memory.
  std::function<std::unique_ptr<session_store::session_store>(session_store::answers&, base::clock&)> sessions = {};
};
// Three workers, and six shards in three clusters.
inline fleet three_workers(std::uint64_t seed = 1) {
  return {3, {1, 2, 3}, seed};
}

// The workers of a process with fake networks, and what clients say to them. A client's number tells its worker, too;
// those of the first worker are numbered like the ends of `network`.
class conversation {
 public:
  explicit conversation(base::limits chosen = {}, const fleet& fleet = {})
      : limits(chosen),
        map_(make_map(fleet)),
        wakers_(fleet.workers, &waker_),
        exchange_(wakers_),
        process_{limits, map_, 0, exchange_, 77, fleet.bind_client_id, fleet.tell_reasons},
        members_(make_members(fleet)) {}

  // Turns of all workers, and completions, until nobody has anything left to do for himself.
  void turn() {
    // Who asks an engine again in every turn is busy until it completes.
    const auto goes_on = [this](int left) {
      const bool busy = !is_quiet();
      return (busy && left % 100 != 0) || complete_some() || busy;
    };
    for (int left = 100'000; goes_on(left); --left) HEADGATE_ASSERT(left > 0);
    for (const auto& member : members_) EXPECT_EQ(headgate::tests::gauge_faults(member->worker->gateway()), "");
  }
  // One turn of each worker, when the engines complete now; with the others there is nothing to say about one turn.
  void turn_once() {
    if (completes_later()) return turn();
    for (auto& member : members_) member->worker->turn();
  }
  // One turn of each worker, and perhaps a completion: whatever is under way stays so.
  void turn_a_little() {
    for (auto& member : members_) member->worker->turn();
    complete_some();
    for (const auto& member : members_) EXPECT_EQ(headgate::tests::gauge_faults(member->worker->gateway()), "");
  }
  // One turn of one worker, while the others stand still.
  void turn_of(std::uint16_t worker) { members_[worker]->worker->turn(); }
  void advance_s(std::uint64_t seconds) {
    clock.advance_ms(seconds * 1000);
    turn();
  }

  // A worker that has no turns for a while.
  void stop_worker(std::uint16_t worker) { members_[worker]->stopped = true; }
  void start_worker(std::uint16_t worker) { members_[worker]->stopped = false; }

  // ---- clients

  // A connection that has not said anything.
  std::uint32_t open(std::uint16_t worker = 0) {
    return members_[worker]->network.connect() | static_cast<std::uint32_t>(worker) << worker_shift;
  }
  void say_connect(std::uint32_t client, std::string_view id, mqtt::version version, mqtt::connect packet) {
    packet.version = version;
    packet.client_id = id;
    versions_[client] = version;
    say(client, encoded(packet));
  }
  // A client that has sent CONNECT, as it stands in `packet`; what it is answered is still to be heard.
  std::uint32_t come(std::string_view id, mqtt::connect packet, mqtt::version version = mqtt::version::v5,
                     std::uint16_t worker = 0) {
    const auto client = open(worker);
    say_connect(client, id, version, packet);
    turn();
    return client;
  }
  // A client with a new session that has got its CONNACK (which is taken away).
  std::uint32_t join(std::string_view id, mqtt::version version = mqtt::version::v3_1_1, mqtt::connect packet = {},
                     std::uint16_t worker = 0) {
    packet.clean_start = true;
    const auto client = come(id, packet, version, worker);
    EXPECT_EQ(hear(client), lines{"connack 00"});
    return client;
  }
  // The connection breaks: what the client said and was not read is gone.
  void lose(std::uint32_t client) {
    end(client).to_server.clear();
    end(client).closed_by_client = true;
    turn();
  }

  void say(std::uint32_t client, std::string_view bytes) { end(client).to_server += bytes; }
  // What the client received since it was last asked.
  std::string take(std::uint32_t client) { return std::exchange(end(client).to_client, {}); }
  lines hear(std::uint32_t client) {
    lines heard;
    take_frames(end(client).to_client,
                [&](const mqtt::frame& packet) { heard.push_back(line_of(packet, versions_[client])); });
    return heard;
  }

  void subscribe(std::uint32_t client, std::string_view filter, int qos, bool no_local = false) {
    say(client, subscribe_packet(client, filter, qos, no_local));
    turn();
    const auto heard = hear(client);
    ASSERT_FALSE(heard.empty());
    ASSERT_EQ(heard.front(), "suback #7 0" + std::to_string(qos));
    ASSERT_EQ(heard.size(), 1U) << heard[1];
  }
  std::string subscribe_packet(std::uint32_t client, std::string_view filter, int qos, bool no_local = false) {
    return subscribe_packet(client, mqtt::subscription{filter, static_cast<mqtt::qos>(qos), no_local, false, 0});
  }
  std::string subscribe_packet(std::uint32_t client, const mqtt::subscription& asked, std::uint32_t identifier = 0) {
    return encoded(mqtt::subscribe{7, identifier, {asked}}, versions_[client]);
  }
  std::string unsubscribe_packet(std::uint32_t client, std::string_view filter) {
    return encoded(mqtt::unsubscribe{8, {filter}}, versions_[client]);
  }

  static std::string publish_packet(std::string_view topic, std::string_view payload, int qos = 0,
                                    std::uint16_t packet_id = 1, mqtt::version version = mqtt::version::v3_1_1,
                                    std::string_view properties = {}, bool retain = false) {
    mqtt::publish_head head;
    head.version = version;
    head.qos = static_cast<mqtt::qos>(qos);
    head.retain = retain;
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
  void publish_retained(std::uint32_t client, std::string_view topic, std::string_view payload, int qos = 0) {
    say(client, publish_packet(topic, payload, qos, 1, versions_[client], {}, true));
  }

  // The PUBLISH packets that a client received whole since it was last asked; anything else fails the test.
  std::vector<received_publish> take_publishes(std::uint32_t client) {
    std::vector<received_publish> all;
    take_frames(end(client).to_client, [&](const mqtt::frame& packet) {
      const auto publish = mqtt::decode_publish(packet, versions_[client], mqtt::sender::server);
      const bool is_publish = packet.type == mqtt::packet_type::publish && publish;
      EXPECT_TRUE(is_publish) << line_of(packet, versions_[client]);
      if (!is_publish) return;
      all.push_back({std::string(publish->topic), std::string(base::as_text(publish->payload)),
                     static_cast<int>(publish->qos), publish->packet_id,
                     std::string(base::as_text(publish->properties)), publish->message_expiry_interval_s});
    });
    return all;
  }
  std::vector<std::string> take_payloads(std::uint32_t client) {
    std::vector<std::string> payloads;
    for (auto& publish : take_publishes(client)) payloads.push_back(std::move(publish.payload));
    return payloads;
  }
  void acknowledge(std::uint32_t client, const std::vector<received_publish>& publishes) {
    for (const auto& publish : publishes) {
      if (publish.qos == 1) say(client, puback(publish.packet_id));
    }
  }
  static std::string puback(int packet_id) { return hex({0x40, 2, packet_id >> 8, packet_id & 255}); }
  static std::string pubrec(int packet_id) { return hex({0x50, 2, packet_id >> 8, packet_id & 255}); }
  static std::string pubrel(int packet_id) { return hex({0x62, 2, packet_id >> 8, packet_id & 255}); }
  static std::string pubcomp(int packet_id) { return hex({0x70, 2, packet_id >> 8, packet_id & 255}); }

  bool is_open(std::uint32_t client) { return end(client).open && !end(client).half_closed_by_server; }
  fake_network::end& end(std::uint32_t client) {
    return members_[client >> worker_shift]->network[client & ((1U << worker_shift) - 1)];
  }

  worker_view view(std::uint16_t worker) const { return members_[worker]->worker->view(); }
  // Of all workers.
  worker_view view() const {
    worker_view sum;
    for (const auto& member : members_) base::add_counters(sum, member->worker->view());
    return sum;
  }
  headgate::worker::worker& worker_at(std::uint16_t worker) { return *members_[worker]->worker; }
  // Gives the workers `limits` as they are now.
  void set_limits() {
    for (auto& member : members_) member->worker->set_limits(limits);
  }

  // Other rules for everybody, as a letter to each worker says it; null: none.
  void change_rights(std::shared_ptr<const headgate::tests::denials> rules) {
    for (auto& member : members_) {
      member->worker->letters().post([member = member.get(), rules] {
        member->rights->set(rules);
        proxy::gateway::on_rights_changed(member->worker->gateway());
      });
    }
  }
  void change_users(const std::vector<std::string>& names) {
    for (auto& member : members_) {
      member->worker->letters().post(
          [member = member.get(), names] { proxy::gateway::on_users_changed(member->worker->gateway(), names); });
    }
  }
  // About single topics, by all workers.
  std::uint64_t rights_asked() const {
    std::uint64_t asked = 0;
    for (const auto& member : members_) asked += member->rights->asked;
    return asked;
  }

  base::limits limits;
  manual_clock clock;
  recording_log log;

 private:
  static constexpr unsigned worker_shift = 20;

  struct member {
    member(const process& process, base::worker_id id, conversation& talk, const fleet& fleet)
        : late(fleet.seed + id.value),
          worker(std::make_unique<headgate::worker::worker>(
              process, id, headgate::worker::worker::ports{network, network, talk.clock, talk.waker_, talk.log},
              engines_of(talk, fleet), fleet.seed * 100 + id.value)) {}

    engines engines_of(conversation& talk, const fleet& fleet) {
      late.judge = fleet.judge;
      late.verifies_names = fleet.verifies_names;
      auto made = completes_later() ? late.make(talk.limits, talk.clock) : memory_engines(talk.limits, talk.clock);
      if (!completes_later() && fleet.judge) {
        made.door = [&fleet](base::mailbox&) {
          return std::make_unique<headgate::tests::later_authenticator>(false, fleet.judge, fleet.verifies_names);
        };
      }
      if (fleet.log) {
        made.log = [&fleet](base::shard_id shard, base::mailbox&) { return fleet.log(shard); };
      }
      if (fleet.sessions) {
        made.sessions = [&](session_store::answers& answers, base::mailbox&) {
          return fleet.sessions(answers, talk.clock);
        };
      }
      made.rights = [this, &fleet] {
        auto made_rights = std::make_unique<headgate::tests::listed_rights>(fleet.rights);
        rights = made_rights.get();
        return made_rights;
      };
      return made;
    }

    fake_network network;
    late_engines late;
    headgate::tests::listed_rights* rights = nullptr;  // the worker's
    std::unique_ptr<headgate::worker::worker> worker;
    bool stopped = false;
  };

  static shard_router::shard_map make_map(const fleet& fleet) {
    std::vector<shard_router::cluster> clusters;
    for (std::size_t n = 0; n < fleet.clusters.size(); ++n) {
      clusters.push_back({"cluster" + std::to_string(n), 1, fleet.clusters[n]});
    }
    return *shard_router::make_shard_map(clusters);
  }

  std::vector<std::unique_ptr<member>> make_members(const fleet& fleet) {
    std::vector<std::unique_ptr<member>> members;
    for (std::uint16_t n = 0; n < fleet.workers; ++n) {
      members.push_back(std::make_unique<member>(process_, base::worker_id{n}, *this, fleet));
    }
    return members;
  }

  // Whether nobody had anything to do in two rounds: what the last one sends in the first is received in the second.
  bool is_quiet() {
    bool quiet = true;
    for (int round = 0; round < 2; ++round) {
      for (auto& member : members_) {
        if (member->stopped) continue;
        member->worker->turn();
        quiet &= member->network.last_timeout_ms != 0 && !member->network.has_kept();
      }
    }
    return quiet;
  }
  bool complete_some() {
    bool pending = false;
    if (!completes_later()) return pending;
    for (auto& member : members_) pending |= !member->stopped && member->late.complete_some(*member->worker);
    return pending;
  }

  silent_waker waker_;
  shard_router::shard_map map_;
  std::vector<base::waker*> wakers_;
  handover::exchange exchange_;
  process process_;
  std::map<std::uint32_t, mqtt::version> versions_;
  std::vector<std::unique_ptr<member>> members_;

 public:
  fake_network& network = members_[0]->network;
  headgate::worker::worker& worker = *members_[0]->worker;
};

}  // namespace headgate::worker::testing
