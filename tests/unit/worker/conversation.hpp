#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mqtt/connect.hpp"
#include "mqtt/publish.hpp"
#include "mqtt/subscribe.hpp"
#include "mqtt/unsubscribe.hpp"
#include "shard-router/changes.hpp"
#include "tests/support/later_authenticator.hpp"
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
  explicit conversation(base::limits chosen = {}, const fleet& fleet = {});
  ~conversation();

  // Turns of all workers, and completions, until nobody has anything left to do for himself.
  void turn();
  // One turn of each worker, when the engines complete now; with the others there is nothing to say about one turn.
  void turn_once();
  // One turn of each worker, and perhaps a completion: whatever is under way stays so.
  void turn_a_little();
  // One turn of one worker, while the others stand still.
  void turn_of(std::uint16_t worker);
  void advance_s(std::uint64_t seconds) {
    clock.advance_ms(seconds * 1000);
    turn();
  }

  // A worker that has no turns for a while.
  void stop_worker(std::uint16_t worker);
  void start_worker(std::uint16_t worker);

  // ---- clients

  // A connection that has not said anything.
  std::uint32_t open(std::uint16_t worker = 0);
  void say_connect(std::uint32_t client, std::string_view id, mqtt::version version, mqtt::connect packet);
  // A client that has sent CONNECT, as it stands in `packet`; what it is answered is still to be heard.
  std::uint32_t come(std::string_view id, mqtt::connect packet, mqtt::version version = mqtt::version::v5,
                     std::uint16_t worker = 0);
  // A client with a new session that has got its CONNACK (which is taken away).
  std::uint32_t join(std::string_view id, mqtt::version version = mqtt::version::v3_1_1, mqtt::connect packet = {},
                     std::uint16_t worker = 0);
  // The connection breaks: what the client said and was not read is gone.
  void lose(std::uint32_t client);

  void say(std::uint32_t client, std::string_view bytes) { end(client).to_server += bytes; }
  // What the client received since it was last asked.
  std::string take(std::uint32_t client) { return std::exchange(end(client).to_client, {}); }
  lines hear(std::uint32_t client);

  void subscribe(std::uint32_t client, std::string_view filter, int qos, bool no_local = false);
  std::string subscribe_packet(std::uint32_t client, std::string_view filter, int qos, bool no_local = false);
  std::string subscribe_packet(std::uint32_t client, const mqtt::subscription& asked, std::uint32_t identifier = 0);
  std::string unsubscribe_packet(std::uint32_t client, std::string_view filter);

  static std::string publish_packet(std::string_view topic, std::string_view payload, int qos = 0,
                                    std::uint16_t packet_id = 1, mqtt::version version = mqtt::version::v3_1_1,
                                    std::string_view properties = {}, bool retain = false);
  void publish(std::uint32_t client, std::string_view topic, std::string_view payload, int qos = 0,
               std::uint16_t packet_id = 1);
  void publish_retained(std::uint32_t client, std::string_view topic, std::string_view payload, int qos = 0);

  // The PUBLISH packets that a client received whole since it was last asked; anything else fails the test.
  std::vector<received_publish> take_publishes(std::uint32_t client);
  std::vector<std::string> take_payloads(std::uint32_t client);
  void acknowledge(std::uint32_t client, const std::vector<received_publish>& publishes);
  static std::string puback(int packet_id) { return hex({0x40, 2, packet_id >> 8, packet_id & 255}); }
  static std::string pubrec(int packet_id) { return hex({0x50, 2, packet_id >> 8, packet_id & 255}); }
  static std::string pubrel(int packet_id) { return hex({0x62, 2, packet_id >> 8, packet_id & 255}); }
  static std::string pubcomp(int packet_id) { return hex({0x70, 2, packet_id >> 8, packet_id & 255}); }

  bool is_open(std::uint32_t client) { return end(client).open && !end(client).half_closed_by_server; }
  fake_network::end& end(std::uint32_t client);

  worker_view view(std::uint16_t worker) const;
  // Of all workers.
  worker_view view() const;
  headgate::worker::worker& worker_at(std::uint16_t worker);
  // Gives the workers `limits` as they are now.
  void set_limits();

  // Other rules for everybody, as a letter to each worker says it; null: none.
  void change_rights(std::shared_ptr<const headgate::tests::denials> rules);
  void change_users(const std::vector<std::string>& names);
  // About single topics, by all workers.
  std::uint64_t rights_asked() const;

  base::limits limits;
  manual_clock clock;
  recording_log log;

 private:
  static constexpr unsigned worker_shift = 20;

  struct member;

  static shard_router::shard_map make_map(const fleet& fleet);
  std::vector<std::unique_ptr<member>> make_members(const fleet& fleet);

  // Whether nobody had anything to do in two rounds: what the last one sends in the first is received in the second.
  bool is_quiet();
  bool complete_some();

  silent_waker waker_;
  shard_router::shard_map map_;
  std::vector<base::waker*> wakers_;
  handover::exchange exchange_;
  process process_;
  std::map<std::uint32_t, mqtt::version> versions_;
  std::vector<std::unique_ptr<member>> members_;

 public:
  fake_network& network;
  headgate::worker::worker& worker;
};

}  // namespace headgate::worker::testing
