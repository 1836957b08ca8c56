// A worker whose sessions are on the disk, in two lives.

#include "tests/support/embedded_home.hpp"
#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

// A process that ends without a word when its object does.
struct one_life {
  explicit one_life(tests::embedded_home& home, manual_clock& clock) : home(home), clock(clock) {
    home.open(clock.now());
    worker.emplace(here, base::worker_id{0}, headgate::worker::worker::ports{network, network, clock, waker, lines},
                   engines_of(), 1);
  }
  ~one_life() {
    worker.reset();
    home.close();
  }

  // What the client hears next.
  std::string say(std::uint32_t client, std::string_view bytes) {
    network[client].to_server += bytes;
    return hear(client);
  }
  std::string hear(std::uint32_t client) {
    home.wait_until([&] {
      for (int n = 0; n < 5; ++n) worker->turn();
      return !network[client].to_client.empty();
    });
    return std::exchange(network[client].to_client, {});
  }

  tests::embedded_home& home;
  manual_clock& clock;
  base::limits limits;
  silent_waker waker;
  recording_log lines;
  fake_network network;
  shard_router::shard_map map = *shard_router::make_shard_map({{"main", 1, 1}});
  base::waker* wakers[1] = {&waker};
  handover::exchange exchange{wakers};
  process here{limits, map, 0, exchange, 1};
  std::optional<headgate::worker::worker> worker;

 private:
  engines engines_of() {
    auto made = memory_engines(limits, clock);
    made.sessions = [this](session_store::answers& answers, base::mailbox&) { return home.make(0, answers, clock, 0); };
    return made;
  }
};

mqtt::connect connect_of(std::string_view id, std::uint32_t expiry_s) {
  return {.version = mqtt::version::v5, .client_id = id, .session_expiry_interval_s = expiry_s};
}

}  // namespace

TEST(embedded_sessions, subscriptions_and_wills_outlive_a_killed_process) {
  tests::embedded_home home;
  manual_clock clock;
  const auto subscribe =
      encoded(mqtt::subscribe{7, 0, {{"#", mqtt::qos::at_least_once, false, false, 0}}}, mqtt::version::v5);
  {
    one_life first(home, clock);
    const auto client = first.network.connect();
    EXPECT_EQ(first.say(client, encoded(connect_of("stays", 600)))[2], 0) << "no session yet";
    EXPECT_EQ(first.say(client, subscribe)[0], '\x90');
    auto packet = connect_of("dies", 600);
    packet.will.emplace();
    packet.will->topic = "will";
    packet.will->payload = base::as_bytes(std::string_view("gone"));
    packet.will->delay_interval_s = 5;
    first.say(first.network.connect(), encoded(packet));
  }
  one_life second(home, clock);
  const auto client = second.network.connect();
  EXPECT_EQ(second.say(client, encoded(connect_of("stays", 600)))[2], 1) << "Session Present";
  const auto other = second.network.connect();
  second.say(other, encoded(connect_of("other", 0)));
  EXPECT_EQ(second.say(other, conversation::publish_packet("t", "hello", 1, 9, mqtt::version::v5))[0], '\x40');
  EXPECT_NE(second.hear(client).find("hello"), std::string::npos);
  // Its owner has died with the process, and has not come back.
  clock.advance_ms(6'000);
  EXPECT_NE(second.hear(client).find("gone"), std::string::npos);
}

// Presence: the will of the connection that the process took with it is not the last word.
TEST(embedded_sessions, will_that_a_killed_process_owes_comes_before_what_its_client_publishes_next) {
  tests::embedded_home home;
  manual_clock clock;
  auto packet = connect_of("device", 600);
  packet.will.emplace();
  packet.will->topic = "status";
  packet.will->payload = base::as_bytes(std::string_view("offline"));
  packet.will->qos = mqtt::qos::at_least_once;
  packet.will->retain = true;
  {
    one_life first(home, clock);
    first.say(first.network.connect(), encoded(packet));
  }
  one_life second(home, clock);
  const auto device = second.network.connect();
  const auto online = conversation::publish_packet("status", "online", 1, 9, mqtt::version::v5, {}, true);
  EXPECT_EQ(second.say(device, encoded(packet) + online)[2], 1) << "Session Present";
  clock.advance_ms(2'000);
  const auto reader = second.network.connect();
  second.say(reader, encoded(connect_of("reader", 0)));
  const auto subscribe =
      encoded(mqtt::subscribe{7, 0, {{"status", mqtt::qos::at_most_once, false, false, 0}}}, mqtt::version::v5);
  auto heard = second.say(reader, subscribe);
  if (heard.find("line") == std::string::npos) heard += second.hear(reader);
  EXPECT_NE(heard.find("online"), std::string::npos);
  EXPECT_EQ(second.worker->view().gateway.wills, 1U);
}

}  // namespace headgate::worker::testing
