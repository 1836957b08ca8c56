// Counts what a message costs where counting is exact: allocations, topic look-ups, encodings and sends. Time is
// measured in tests/bench.

#include <tuple>

#include "tests/support/count_allocations.hpp"
#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

// Clients that publish the same bytes again and again and acknowledge what they get, without allocating themselves.
class counting_network final : public rim, public proxy::gateway::client_port {
 public:
  std::vector<std::string> to_server;   // by client; handed over once a turn
  std::vector<std::uint64_t> received;  // bytes
  std::uint64_t sends = 0;
  bool speaking = true;

  void poll(int) override {}
  bool read_clients(client_events& events) override {
    while (announced_ < to_server.size()) events.accepted(announced_++);
    for (std::uint32_t client = 0; speaking && client < to_server.size(); ++client) {
      std::size_t packet_size = 0;
      if (!to_server[client].empty()) events.received(client, base::as_bytes(to_server[client]), &packet_size);
    }
    return false;
  }
  void close_listeners() override {}
  std::uint32_t send(std::uint32_t client, std::span<const base::bytes> parts) override {
    ++sends;
    for (const auto part : parts) received[client] += part.size();
    return 0;
  }
  void finish(std::uint32_t) override {}
  void close(std::uint32_t) override {}
  void set_reading(std::uint32_t, bool) override {}
  std::string peer_of(std::uint32_t) const override { return {}; }
  proxy::gateway::entrance entrance_of(std::uint32_t) const override { return {"tcp", true, {}, {}}; }

 private:
  std::uint32_t announced_ = 0;
};

constexpr int pairs = 10;
constexpr int messages_per_turn = 20;

// With rules each message is asked for, when it comes and when it goes: the subscribers' filters are such as they may
// read a part of.
std::shared_ptr<const headgate::tests::denials> some_rules() {
  return std::make_shared<const headgate::tests::denials>(
      headgate::tests::denials{{"", "secret/#", true, true}, {"client3", "topic/4", true, true}});
}

// Publishers 0 to 9, subscribers 10 to 19, a topic each pair.
struct pairs_run {
  pairs_run(int qos, bool with_rules) : qos(qos), with_rules(with_rules) {
    network.to_server.resize(2 * pairs);
    network.received.resize(2 * pairs);
    for (int n = 0; n < 2 * pairs; ++n) {
      const auto id = "client" + std::to_string(n);
      network.to_server[n] =
          encoded(mqtt::connect{.version = mqtt::version::v3_1_1, .clean_start = true, .client_id = id});
    }
    worker.turn();
    for (int n = 0; n < pairs; ++n) {
      const auto topic = "topic/" + std::to_string(n) + (with_rules ? "/#" : "");
      mqtt::subscribe packet{7, 0, {{topic, static_cast<mqtt::qos>(qos), false, false, 0}}};
      network.to_server[n].clear();
      network.to_server[pairs + n] = encoded(packet, mqtt::version::v3_1_1);
    }
    worker.turn();
    // Until the search for retained messages is over and everybody is live.
    for (int n = 0; n < pairs; ++n) network.to_server[pairs + n].clear();
    for (int n = 0; n < 5; ++n) worker.turn();
    for (int n = 0; n < pairs; ++n) {
      const auto publish = conversation::publish_packet("topic/" + std::to_string(n), std::string(64, 'x'), qos, 1);
      for (int m = 0; m < messages_per_turn; ++m) network.to_server[n] += publish;
    }
  }

  // Subscribers acknowledge in the next turn what they get in this: the ids go round with period 65,535, a multiple
  // of 17.
  void turn() {
    for (int n = 0; qos == 1 && n < pairs; ++n) {
      auto& acknowledgements = network.to_server[pairs + n];
      acknowledgements.clear();
      for (int m = 0; m < in_flight; ++m) {
        const int id = 1 + (acknowledged + m) % 65'535;
        const char packet[] = {0x40, 2, static_cast<char>(id >> 8), static_cast<char>(id)};
        acknowledgements.append(packet, sizeof packet);
      }
    }
    acknowledged += in_flight;
    in_flight = messages_per_turn;
    worker.turn();
  }

  engines engines_of() {
    auto made = memory_engines(limits, clock);
    if (!with_rules) return made;
    made.rights = [this] {
      auto listed = std::make_unique<headgate::tests::listed_rights>(some_rules());
      rights = listed.get();
      return listed;
    };
    return made;
  }

  int qos;
  bool with_rules;
  headgate::tests::listed_rights* rights = nullptr;  // the worker's
  int in_flight = 0;
  int acknowledged = 0;
  base::limits limits{.log_memory_bytes = 1024 * 1024};
  manual_clock clock;
  silent_waker waker;
  recording_log log;
  counting_network network;
  shard_router::shard_map map;
  base::waker* wakers[1] = {&waker};
  handover::exchange exchange{wakers};
  process here{limits, map, 0, exchange, 1};
  headgate::worker::worker worker{here, base::worker_id{0}, {network, network, clock, waker, log}, engines_of(), 1};
};

}  // namespace

class steady_state : public ::testing::TestWithParam<std::tuple<int, bool>> {};

TEST_P(steady_state, costs_no_allocation_one_look_up_and_one_encoding_a_message) {
  const auto [qos, with_rules] = GetParam();
  pairs_run run(qos, with_rules);
  // Until the log is full and every table and queue has its size.
  for (int n = 0; n < 500; ++n) run.turn();
  const auto before = run.worker.view();
  const auto allocations_before = allocations;
  const auto asked_before = with_rules ? run.rights->asked : 0;
  const auto sends_before = run.network.sends;
  constexpr int turns = 500;
  for (int n = 0; n < turns; ++n) run.turn();
  const auto after = run.worker.view();

  constexpr std::uint64_t messages = std::uint64_t{turns} * pairs * messages_per_turn;
  const auto& gateway = after.gateway;
  EXPECT_EQ(gateway.deliveries_out_qos0 + gateway.deliveries_out_qos1 - before.gateway.deliveries_out_qos0 -
                before.gateway.deliveries_out_qos1,
            messages);
  EXPECT_EQ(allocations - allocations_before, 0U);
  EXPECT_EQ(after.shard.topic_lookups - before.shard.topic_lookups, messages);
  EXPECT_EQ(gateway.encodings - before.gateway.encodings, messages);
  EXPECT_EQ(after.shard.reads - before.shard.reads, 0U) << "a live session reads nothing again";
  // One send a turn for each subscriber, and at QoS 1 one for each publisher's acknowledgements.
  EXPECT_EQ(run.network.sends - sends_before, std::uint64_t{turns} * pairs * (qos == 1 ? 2 : 1));
  if (with_rules) {
    EXPECT_EQ(run.rights->asked, asked_before) << "what was said of a topic is kept";
  }
}

INSTANTIATE_TEST_SUITE_P(qos_and_rules, steady_state, ::testing::Combine(::testing::Values(0, 1), ::testing::Bool()));

}  // namespace headgate::worker::testing
