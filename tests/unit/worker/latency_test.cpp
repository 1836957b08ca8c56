// How long messages take, as a worker counts it, to the microsecond of a clock that the test moves; and where the time
// of its turns goes.

#include <numeric>

#include "tests/support/later_log.hpp"
#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

// A publisher and a subscriber of "t" at a worker whose log commits when it is told.
struct slow_log_run {
  slow_log_run() {
    say(publisher, encoded(mqtt::connect{.version = mqtt::version::v3_1_1, .clean_start = true, .client_id = "p"}));
    say(subscriber, encoded(mqtt::connect{.version = mqtt::version::v3_1_1, .clean_start = true, .client_id = "s"}));
    worker.turn();
    say(subscriber,
        encoded(mqtt::subscribe{7, 0, {{"t", mqtt::qos::exactly_once, false, false, 0}}}, mqtt::version::v3_1_1));
    for (int n = 0; n < 5; ++n) worker.turn();
  }

  void say(std::uint32_t client, std::string_view bytes) { network[client].to_server += bytes; }
  void publish(int qos, std::uint16_t packet_id = 1) {
    say(publisher, conversation::publish_packet("t", "message", qos, packet_id));
  }

  base::limits limits;
  manual_clock clock;
  silent_waker waker;
  recording_log lines;
  fake_network network;
  std::uint32_t publisher = network.connect();
  std::uint32_t subscriber = network.connect();
  shard_router::shard_map map = *shard_router::make_shard_map({{"main", 1, 1}});
  base::waker* wakers[1] = {&waker};
  handover::exchange exchange{wakers};
  process here{limits, map, 0, exchange, 1};
  broker::tests::later_log* log = nullptr;
  headgate::worker::worker worker{
      here, base::worker_id{0}, {network, network, clock, waker, lines}, engines_with_slow_log(), 1};

 private:
  engines engines_with_slow_log() {
    auto made = memory_engines(limits, clock);
    made.log = [this](base::shard_id, base::mailbox&) {
      auto slow = std::make_unique<broker::tests::later_log>(limits.log_memory_bytes);
      log = slow.get();
      return slow;
    };
    return made;
  }
};

// The same time for all of them.
base::latency_histogram all_took(std::uint64_t elapsed_us, std::uint64_t count) {
  base::latency_histogram histogram;
  histogram.add(elapsed_us, count);
  return histogram;
}

void expect_equal(const base::latency_histogram& is, const base::latency_histogram& should_be) {
  EXPECT_EQ(is.counts, should_be.counts);
  EXPECT_EQ(is.sum_us, should_be.sum_us);
}

}  // namespace

TEST(latency, of_a_publish_reaches_to_the_flush_after_the_log_committed) {
  slow_log_run run;
  run.publish(1, 1);
  run.publish(1, 2);
  run.publish(2, 3);
  run.publish(0);
  run.worker.turn();
  EXPECT_EQ(run.worker.view().gateway.publishes_unacknowledged, 3U);
  EXPECT_GT(run.worker.view().shard.undelivered_bytes, 0U);
  EXPECT_EQ(run.worker.view().gateway.publish_to_delivery.total(), 0U);
  run.clock.advance_us(700);
  run.log->commit();
  run.worker.turn();
  const auto view = run.worker.view();
  expect_equal(view.gateway.publish_to_acknowledgement, all_took(700, 3));
  expect_equal(view.gateway.publish_to_delivery, all_took(700, 4));
  EXPECT_EQ(view.gateway.publishes_unacknowledged, 0U);
  EXPECT_EQ(view.shard.undelivered_bytes, 0U);
  EXPECT_GT(view.shard.batch_bytes_in, 0U);
  EXPECT_GT(view.shard.log_bytes, 0U);
}

TEST(latency, is_that_of_each_batch) {
  slow_log_run run;
  run.publish(1, 1);
  run.worker.turn();
  run.clock.advance_us(100);
  run.publish(1, 2);
  run.worker.turn();
  run.clock.advance_us(20);
  run.log->commit();
  run.worker.turn();
  auto expected = all_took(120, 1);
  expected.add(20, 1);
  expect_equal(run.worker.view().gateway.publish_to_acknowledgement, expected);
  expect_equal(run.worker.view().gateway.publish_to_delivery, expected);
}

TEST(latency, does_not_count_who_has_gone) {
  slow_log_run run;
  run.publish(1, 1);
  run.worker.turn();
  run.network[run.publisher].closed_by_client = true;
  run.network[run.subscriber].closed_by_client = true;
  run.worker.turn();
  run.log->commit();
  run.worker.turn();
  EXPECT_EQ(run.worker.view().gateway.publish_to_acknowledgement.total(), 0U);
  EXPECT_EQ(run.worker.view().gateway.publish_to_delivery.total(), 0U);
}

TEST(latency, of_a_delivery_goes_from_worker_to_worker) {
  conversation talk({}, {2, {1}});
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s", mqtt::version::v3_1_1, {}, 1);
  talk.subscribe(subscriber, "t", 0);
  talk.stop_worker(1);
  talk.publish(publisher, "t", "message", 1);
  talk.turn();
  talk.clock.advance_us(900);
  talk.start_worker(1);
  talk.turn();
  expect_equal(talk.view().gateway.publish_to_acknowledgement, all_took(0, 1));
  expect_equal(talk.view().gateway.publish_to_delivery, all_took(900, 1));
}

TEST(latency, of_what_waited_is_as_old_as_its_record) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s", mqtt::version::v5, {.receive_maximum = 1});
  talk.subscribe(subscriber, "t", 1);
  talk.publish(publisher, "t", "first", 1, 1);
  talk.publish(publisher, "t", "second", 1, 2);
  talk.turn();
  talk.clock.advance_ms(40);
  talk.acknowledge(subscriber, talk.take_publishes(subscriber));
  talk.turn();
  auto expected = all_took(0, 1);
  expected.add(40'000, 1);
  expect_equal(talk.view().gateway.publish_to_delivery, expected);
}

TEST(latency, of_what_is_read_from_the_log_or_sent_again_is_as_old_as_its_record) {
  conversation talk;
  const auto publisher = talk.join("p");
  mqtt::connect lasting;
  lasting.session_expiry_interval_s = 1000;
  const auto subscriber = talk.join("s", mqtt::version::v5, lasting);
  talk.subscribe(subscriber, "t", 1);
  talk.publish(publisher, "t", "in flight", 1, 1);
  talk.turn();
  talk.lose(subscriber);
  talk.publish(publisher, "t", "meanwhile", 1, 2);
  talk.turn();
  talk.clock.advance_ms(500);
  const auto again = talk.come("s", lasting);
  auto expected = all_took(0, 1);
  expected.add(500'000, 2);
  expect_equal(talk.view().gateway.publish_to_delivery, expected);
  EXPECT_EQ(talk.view().gateway.deliveries_repeated, 1U);
  EXPECT_TRUE(talk.is_open(again));
}

TEST(latency, does_not_count_what_is_retained) {
  conversation talk;
  const auto publisher = talk.join("p");
  talk.publish_retained(publisher, "t", "old", 1);
  talk.turn();
  const auto subscriber = talk.join("s");
  talk.say(subscriber, talk.subscribe_packet(subscriber, "t", 1));
  talk.turn();
  EXPECT_EQ(talk.view().gateway.deliveries_retained, 1U);
  EXPECT_EQ(talk.view().gateway.publish_to_delivery.total(), 0U);
}

TEST(latency, of_groups_counts_each_message_once) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto member = talk.join("m", mqtt::version::v5);
  talk.subscribe(member, "$share/g/t", 1);
  for (std::uint16_t n = 1; n <= 5; ++n) talk.publish(publisher, "t", "message", n % 2, n);
  talk.turn();
  EXPECT_EQ(talk.take_publishes(member).size(), 5U);
  expect_equal(talk.view().gateway.publish_to_delivery, all_took(0, 5));
}

TEST(turn, is_timed_by_eight_looks_at_the_clock_however_many_messages) {
  slow_log_run run;
  const auto before = run.clock.fine_reads;
  run.worker.turn();
  EXPECT_EQ(run.clock.fine_reads - before, 7U) << "nothing was sent";
  for (std::uint16_t n = 1; n <= 500; ++n) run.publish(1, n);
  run.log->commit();
  run.worker.turn();
  run.log->commit();
  const auto before_delivery = run.clock.fine_reads;
  run.worker.turn();
  EXPECT_EQ(run.worker.view().gateway.publish_to_acknowledgement.total(), 500U);
  EXPECT_EQ(run.clock.fine_reads - before_delivery, 8U);
}

TEST(turn, has_phases_that_add_up_with_the_sleep) {
  slow_log_run run;
  run.clock.ns_per_read = 10;
  const auto sum = [&] {
    const auto view = run.worker.view();
    return std::accumulate(view.phase_ns.begin(), view.phase_ns.end(), view.idle_ns);
  };
  const auto before = run.worker.view();
  const auto begin = run.clock.monotonic_ns();
  const auto begin_sum = sum();
  run.worker.turn();
  auto view = run.worker.view();
  EXPECT_EQ(view.idle_ns - before.idle_ns, 20U) << "the test's own look at the clock is in it";
  for (std::size_t n = 1; n < phases; ++n) {
    EXPECT_EQ(view.phase_ns[n] - before.phase_ns[n], 10U) << name_of(static_cast<phase>(n));
  }
  EXPECT_EQ(sum() - begin_sum, run.clock.monotonic_ns() - begin);
  // A letter is work: the poll may not sleep.
  run.worker.letters().post([] {});
  run.worker.turn();
  EXPECT_GT(run.worker.view().phase_ns[0], view.phase_ns[0]);
  EXPECT_EQ(run.worker.view().idle_ns, view.idle_ns);
}

}  // namespace headgate::worker::testing
