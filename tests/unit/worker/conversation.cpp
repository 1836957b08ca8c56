#include "tests/unit/worker/conversation.hpp"

#include <utility>

#include "base/assert.hpp"
#include "base/counters.hpp"
#include "proxy/gateway/events.hpp"
#include "tests/support/gauges.hpp"

namespace headgate::worker::testing {

struct conversation::member {
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

conversation::conversation(base::limits chosen, const fleet& fleet)
    : limits(chosen),
      map_(make_map(fleet)),
      wakers_(fleet.workers, &waker_),
      exchange_(wakers_),
      process_{limits, map_, 0, exchange_, 77, fleet.bind_client_id, fleet.tell_reasons},
      members_(make_members(fleet)),
      network(members_[0]->network),
      worker(*members_[0]->worker) {}

conversation::~conversation() = default;

void conversation::turn() {
  // Who asks an engine again in every turn is busy until it completes.
  const auto goes_on = [this](int left) {
    const bool busy = !is_quiet();
    return (busy && left % 100 != 0) || complete_some() || busy;
  };
  for (int left = 100'000; goes_on(left); --left) HEADGATE_ASSERT(left > 0);
  for (const auto& member : members_) EXPECT_EQ(headgate::tests::gauge_faults(member->worker->gateway()), "");
}

void conversation::turn_once() {
  if (completes_later()) return turn();
  for (auto& member : members_) member->worker->turn();
}

void conversation::turn_a_little() {
  for (auto& member : members_) member->worker->turn();
  complete_some();
  for (const auto& member : members_) EXPECT_EQ(headgate::tests::gauge_faults(member->worker->gateway()), "");
}

void conversation::turn_of(std::uint16_t worker) {
  members_[worker]->worker->turn();
}

void conversation::stop_worker(std::uint16_t worker) {
  members_[worker]->stopped = true;
}

void conversation::start_worker(std::uint16_t worker) {
  members_[worker]->stopped = false;
}

std::uint32_t conversation::open(std::uint16_t worker) {
  return members_[worker]->network.connect() | static_cast<std::uint32_t>(worker) << worker_shift;
}

void conversation::say_connect(std::uint32_t client, std::string_view id, mqtt::version version, mqtt::connect packet) {
  packet.version = version;
  packet.client_id = id;
  versions_[client] = version;
  say(client, encoded(packet));
}

std::uint32_t conversation::come(std::string_view id, mqtt::connect packet, mqtt::version version,
                                 std::uint16_t worker) {
  const auto client = open(worker);
  say_connect(client, id, version, packet);
  turn();
  return client;
}

std::uint32_t conversation::join(std::string_view id, mqtt::version version, mqtt::connect packet,
                                 std::uint16_t worker) {
  packet.clean_start = true;
  const auto client = come(id, packet, version, worker);
  EXPECT_EQ(hear(client), lines{"connack 00"});
  return client;
}

void conversation::lose(std::uint32_t client) {
  end(client).to_server.clear();
  end(client).closed_by_client = true;
  turn();
}

lines conversation::hear(std::uint32_t client) {
  lines heard;
  take_frames(end(client).to_client,
              [&](const mqtt::frame& packet) { heard.push_back(line_of(packet, versions_[client])); });
  return heard;
}

void conversation::subscribe(std::uint32_t client, std::string_view filter, int qos, bool no_local) {
  say(client, subscribe_packet(client, filter, qos, no_local));
  turn();
  const auto heard = hear(client);
  ASSERT_FALSE(heard.empty());
  ASSERT_EQ(heard.front(), "suback #7 0" + std::to_string(qos));
  ASSERT_EQ(heard.size(), 1U) << heard[1];
}

std::string conversation::subscribe_packet(std::uint32_t client, std::string_view filter, int qos, bool no_local) {
  return subscribe_packet(client, mqtt::subscription{filter, static_cast<mqtt::qos>(qos), no_local, false, 0});
}

std::string conversation::subscribe_packet(std::uint32_t client, const mqtt::subscription& asked,
                                           std::uint32_t identifier) {
  return encoded(mqtt::subscribe{7, identifier, {asked}}, versions_[client]);
}

std::string conversation::unsubscribe_packet(std::uint32_t client, std::string_view filter) {
  return encoded(mqtt::unsubscribe{8, {filter}}, versions_[client]);
}

std::string conversation::publish_packet(std::string_view topic, std::string_view payload, int qos,
                                         std::uint16_t packet_id, mqtt::version version, std::string_view properties,
                                         bool retain) {
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

void conversation::publish(std::uint32_t client, std::string_view topic, std::string_view payload, int qos,
                           std::uint16_t packet_id) {
  say(client, publish_packet(topic, payload, qos, packet_id, versions_[client]));
}

void conversation::publish_retained(std::uint32_t client, std::string_view topic, std::string_view payload, int qos) {
  say(client, publish_packet(topic, payload, qos, 1, versions_[client], {}, true));
}

std::vector<received_publish> conversation::take_publishes(std::uint32_t client) {
  std::vector<received_publish> all;
  take_frames(end(client).to_client, [&](const mqtt::frame& packet) {
    const auto publish = mqtt::decode_publish(packet, versions_[client], mqtt::sender::server);
    const bool is_publish = packet.type == mqtt::packet_type::publish && publish;
    EXPECT_TRUE(is_publish) << line_of(packet, versions_[client]);
    if (!is_publish) return;
    all.push_back({std::string(publish->topic), std::string(base::as_text(publish->payload)),
                   static_cast<int>(publish->qos), publish->packet_id, std::string(base::as_text(publish->properties)),
                   publish->message_expiry_interval_s});
  });
  return all;
}

std::vector<std::string> conversation::take_payloads(std::uint32_t client) {
  std::vector<std::string> payloads;
  for (auto& publish : take_publishes(client)) payloads.push_back(std::move(publish.payload));
  return payloads;
}

void conversation::acknowledge(std::uint32_t client, const std::vector<received_publish>& publishes) {
  for (const auto& publish : publishes) {
    if (publish.qos == 1) say(client, puback(publish.packet_id));
  }
}

fake_network::end& conversation::end(std::uint32_t client) {
  return members_[client >> worker_shift]->network[client & ((1U << worker_shift) - 1)];
}

worker_view conversation::view(std::uint16_t worker) const {
  return members_[worker]->worker->view();
}

worker_view conversation::view() const {
  worker_view sum;
  for (const auto& member : members_) base::add_counters(sum, member->worker->view());
  return sum;
}

headgate::worker::worker& conversation::worker_at(std::uint16_t worker) {
  return *members_[worker]->worker;
}

void conversation::set_limits() {
  for (auto& member : members_) member->worker->set_limits(limits);
}

void conversation::change_rights(std::shared_ptr<const headgate::tests::denials> rules) {
  for (auto& member : members_) {
    member->worker->letters().post([member = member.get(), rules] {
      member->rights->set(rules);
      proxy::gateway::on_rights_changed(member->worker->gateway());
    });
  }
}

void conversation::change_users(const std::vector<std::string>& names) {
  for (auto& member : members_) {
    member->worker->letters().post(
        [member = member.get(), names] { proxy::gateway::on_users_changed(member->worker->gateway(), names); });
  }
}

std::uint64_t conversation::rights_asked() const {
  std::uint64_t asked = 0;
  for (const auto& member : members_) asked += member->rights->asked;
  return asked;
}

shard_router::shard_map conversation::make_map(const fleet& fleet) {
  std::vector<shard_router::cluster> clusters;
  for (std::size_t n = 0; n < fleet.clusters.size(); ++n) {
    clusters.push_back({"cluster" + std::to_string(n), 1, fleet.clusters[n]});
  }
  return *shard_router::make_shard_map(clusters);
}

std::vector<std::unique_ptr<conversation::member>> conversation::make_members(const fleet& fleet) {
  std::vector<std::unique_ptr<member>> members;
  for (std::uint16_t n = 0; n < fleet.workers; ++n) {
    members.push_back(std::make_unique<member>(process_, base::worker_id{n}, *this, fleet));
  }
  return members;
}

bool conversation::is_quiet() {
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

bool conversation::complete_some() {
  bool pending = false;
  if (!completes_later()) return pending;
  for (auto& member : members_) pending |= !member->stopped && member->late.complete_some(*member->worker);
  return pending;
}

}  // namespace headgate::worker::testing
