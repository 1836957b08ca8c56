// What the store of sessions hears of a connection before CONNACK, should the process die; and what comes of it.

#include "session-store/session_record.hpp"
#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

namespace sessions = session_store;

// A store in which each client id has the session of an owner who died before he saved it.
class store_of_the_dead final : public sessions::session_store {
 public:
  explicit store_of_the_dead(sessions::answers& answers) : answers_(answers) {}
  void submit(sessions::request&& request) override {
    const auto* claim = std::get_if<sessions::claim>(&request);
    if (claim == nullptr) return;
    claims.push_back(*claim);
    sessions::claimed answer;
    answer.request = claim->request;
    answer.token = {1, claim->nonce};
    answer.present = true;
    answers_.on_answer(answer);
  }
  bool outlives_process() const override { return true; }
  sessions::store_view view() const override { return {}; }

  std::vector<sessions::claim> claims;

 private:
  sessions::answers& answers_;
};

struct dead_run {
  // What the server answers to this CONNECT.
  std::string connect(const mqtt::connect& packet) {
    const auto client = network.connect();
    network[client].to_server += encoded(packet);
    for (int n = 0; n < 3; ++n) worker.turn();
    return network[client].to_client;
  }

  base::limits limits;
  manual_clock clock;
  silent_waker waker;
  recording_log lines;
  fake_network network;
  shard_router::shard_map map = *shard_router::make_shard_map({{"main", 1, 1}});
  base::waker* wakers[1] = {&waker};
  handover::exchange exchange{wakers};
  process here{limits, map, 0, exchange, 1};
  store_of_the_dead* store = nullptr;
  headgate::worker::worker worker{here, base::worker_id{0}, {network, network, clock, waker, lines}, engines_of(), 1};

 private:
  engines engines_of() {
    auto made = memory_engines(limits, clock);
    made.sessions = [this](sessions::answers& answers, base::mailbox&) {
      auto dead = std::make_unique<store_of_the_dead>(answers);
      store = dead.get();
      return dead;
    };
    return made;
  }
};

mqtt::connect with_will(std::uint32_t expiry_s) {
  mqtt::connect packet{.version = mqtt::version::v5, .client_id = "a", .session_expiry_interval_s = expiry_s};
  packet.will.emplace();
  packet.will->topic = "will";
  packet.will->payload = base::as_bytes(std::string_view("gone"));
  packet.will->delay_interval_s = 7;
  return packet;
}

}  // namespace

TEST(afterlife, of_a_session_that_outlives_its_connection_is_told_with_the_claim) {
  dead_run run;
  run.connect(with_will(60));
  ASSERT_EQ(run.store->claims.size(), 1U);
  const auto& after = run.store->claims.front().afterlife;
  EXPECT_EQ(after.expiry_s, 60U);
  EXPECT_EQ(after.will_s, 7U);
  const auto will = sessions::decode_stored_will(base::as_bytes(after.will));
  ASSERT_TRUE(will);
  EXPECT_EQ(will->client_id, "a");
  EXPECT_EQ(will->topic, "will");
  EXPECT_EQ(will->payload, "gone");
}

TEST(afterlife, of_a_session_that_ends_with_its_connection_is_nothing) {
  dead_run run;
  run.connect(with_will(0));
  ASSERT_EQ(run.store->claims.size(), 1U);
  EXPECT_EQ(run.store->claims.front().afterlife.expiry_s, 0U);
  EXPECT_EQ(run.store->claims.front().afterlife.will, "");
}

TEST(afterlife, empty_record_is_a_session_without_anything) {
  dead_run run;
  const auto answer = run.connect(with_will(60));
  ASSERT_GE(answer.size(), 4U);
  EXPECT_EQ(answer[0], '\x20');
  EXPECT_EQ(answer[2], 1) << "Session Present";
  EXPECT_EQ(answer[3], 0);
  EXPECT_EQ(run.worker.view().gateway.stored_unreadable, 0U);
}

}  // namespace headgate::worker::testing
