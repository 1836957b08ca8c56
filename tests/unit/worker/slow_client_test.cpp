#include <algorithm>
#include <random>

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

std::vector<std::string> numbers(int first, int end) {
  std::vector<std::string> all;
  for (int n = first; n < end; ++n) all.push_back(std::to_string(n));
  return all;
}

void append(std::vector<std::string>& all, const std::vector<received_publish>& more) {
  for (const auto& publish : more) all.push_back(publish.payload);
}

}  // namespace

// [MQTT-3.3.4-9]
TEST(window, is_never_exceeded_and_what_waited_follows_in_order) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s", mqtt::version::v5, {.receive_maximum = 4});
  talk.subscribe(subscriber, "t", 1);
  for (int n = 0; n < 50; ++n) talk.publish(publisher, "t", std::to_string(n), 1);
  talk.turn();
  std::vector<std::string> got;
  for (int round = 0; round < 100 && got.size() < 50; ++round) {
    const auto publishes = talk.take_publishes(subscriber);
    EXPECT_LE(publishes.size(), 4U);
    append(got, publishes);
    talk.acknowledge(subscriber, publishes);
    talk.turn();
  }
  EXPECT_EQ(got, numbers(0, 50));
  EXPECT_EQ(talk.view().gateway.waiting, 1U);
  EXPECT_EQ(talk.view().gateway.catching_up, 0U) << "46 references can wait";

  // Nothing waits any more, so it is live again: the next comes within the turn.
  talk.publish(publisher, "t", "live", 1);
  talk.turn();
  EXPECT_EQ(talk.take_payloads(subscriber), std::vector<std::string>{"live"});
}

TEST(window, full_of_unacknowledged_messages_does_not_hold_up_qos_0_or_others) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto slow = talk.join("slow", mqtt::version::v5, {.receive_maximum = 1});
  const auto quick = talk.join("quick");
  talk.subscribe(slow, "t", 1);
  talk.subscribe(quick, "t", 1);
  for (int n = 0; n < 10; ++n) talk.publish(publisher, "t", std::to_string(n), 1);
  talk.publish(publisher, "t", "zero", 0);
  talk.turn();
  EXPECT_EQ(talk.take_payloads(slow), (std::vector<std::string>{"0", "zero"}));
  EXPECT_EQ(talk.take_payloads(quick).size(), 11U);
}

TEST(output, that_is_not_taken_drops_qos_0_and_counts_it) {
  base::limits limits;
  limits.max_output_bytes = 10'000;
  conversation talk(limits);
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s");
  talk.subscribe(subscriber, "t", 0);
  talk.network[subscriber].takes = 0;
  for (int n = 0; n < 1000; ++n) talk.publish(publisher, "t", std::string(96, 'x'));
  talk.turn();
  const auto dropped = talk.view().gateway.dropped_output_full;
  EXPECT_EQ(dropped, 900U);
  EXPECT_LE(talk.network[subscriber].pending.size(), limits.max_output_bytes + 101) << "one message above at most";
  talk.network[subscriber].takes = ~std::size_t{0};
  talk.turn();
  EXPECT_EQ(talk.take_payloads(subscriber).size(), 100U);
}

// QoS 0 is what is dropped when the client takes less than it gets: what stands in the log has its share.
TEST(output, full_of_qos_0_does_not_keep_a_session_from_its_backlog) {
  conversation talk;
  const auto publisher = talk.join("p");
  talk.lose([&] {
    const auto first = talk.come("s", {}, mqtt::version::v3_1_1);
    talk.hear(first);
    talk.subscribe(first, "t", 1);
    talk.subscribe(first, "flood", 0);
    return first;
  }());
  const std::string padding(1024, '.');
  for (int n = 0; n < 200; ++n) talk.publish(publisher, "t", std::to_string(n) + padding, 1);
  talk.turn();
  const auto subscriber = talk.open();
  talk.network[subscriber].takes = 4;  // CONNACK
  // The flood is there before the backlog is asked for, and does not end.
  for (int n = 0; n < 2000; ++n) talk.publish(publisher, "flood", padding);
  talk.say_connect(subscriber, "s", mqtt::version::v3_1_1, {});
  talk.turn();
  EXPECT_EQ(talk.hear(subscriber), lines{"connack present 00"});
  std::vector<std::string> got;
  for (int round = 0; round < 2000 && got.size() < 200; ++round) {
    for (int n = 0; n < 30; ++n) talk.publish(publisher, "flood", padding);
    talk.network[subscriber].takes = 20'000;
    talk.turn();
    const auto publishes = talk.take_publishes(subscriber);
    for (const auto& publish : publishes) {
      if (publish.qos == 1) got.push_back(publish.payload);
    }
    talk.acknowledge(subscriber, publishes);
  }
  std::vector<std::string> expected;
  for (int n = 0; n < 200; ++n) expected.push_back(std::to_string(n) + padding);
  EXPECT_EQ(got, expected);
}

// Random ends of what the client takes and acknowledges: nothing is lost, repeated or out of order at QoS 1.
TEST(output, that_stops_and_goes_on_loses_nothing_at_qos_1) {
  const std::uint32_t seed = 20'261'121;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  base::limits limits;
  limits.max_output_bytes = 3000;
  conversation talk(limits);
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s", mqtt::version::v5, {.receive_maximum = 20});
  talk.subscribe(subscriber, "t/+", 1);
  std::vector<std::string> got;
  std::vector<received_publish> waiting;  // for their acknowledgement
  int sent = 0;
  for (int round = 0; round < 3000; ++round) {
    talk.network[subscriber].takes = random() % 4 == 0 ? random() % 2000 : ~std::size_t{0};
    for (auto n = random() % 8; round < 2000 && n > 0; --n, ++sent) {
      talk.publish(publisher, "t/" + std::to_string(sent % 3), std::to_string(sent), 1);
    }
    talk.turn();
    const auto publishes = talk.take_publishes(subscriber);
    append(got, publishes);
    waiting.insert(waiting.end(), publishes.begin(), publishes.end());
    const auto acknowledged = static_cast<std::ptrdiff_t>(random() % (waiting.size() + 1));
    talk.acknowledge(subscriber, {waiting.begin(), waiting.begin() + acknowledged});
    waiting.erase(waiting.begin(), waiting.begin() + acknowledged);
  }
  talk.turn();
  EXPECT_EQ(got, numbers(0, sent));
  EXPECT_GT(talk.view().gateway.waiting, 10U);
}

// A window of one, and far more traffic of others in each turn than the window's size suggests: it keeps up, because a
// READ goes on until it has found what the client has room for.
TEST(window, of_one_among_the_traffic_of_others_loses_nothing) {
  base::limits limits;
  limits.log_memory_bytes = 1024 * 1024;
  conversation talk(limits);
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s", mqtt::version::v5, {.receive_maximum = 1});
  talk.subscribe(subscriber, "mine", 1);
  std::vector<std::string> got;
  for (int round = 0; round < 400; ++round) {
    for (int n = 0; n < 50; ++n) talk.publish(publisher, "others", std::string(80, 'x'), 1);
    if (round % 2 == 0) talk.publish(publisher, "mine", std::to_string(round / 2), 1);
    if (round % 20 == 0) talk.publish(publisher, "mine", "again", 0);
    talk.turn();
    const auto publishes = talk.take_publishes(subscriber);
    for (const auto& publish : publishes) {
      if (publish.qos == 1) got.push_back(publish.payload);
    }
    talk.acknowledge(subscriber, publishes);
  }
  talk.turn();
  append(got, talk.take_publishes(subscriber));
  EXPECT_EQ(got, numbers(0, 200));
  EXPECT_EQ(talk.view().gateway.lost_below_log_start, 0U);
}

// Many that are behind at once: each has its turn.
TEST(window, of_hundreds_of_clients_behind_is_served_in_turn) {
  conversation talk;
  const auto publisher = talk.join("p");
  std::vector<std::uint32_t> subscribers;
  for (int n = 0; n < 300; ++n) {
    subscribers.push_back(talk.join("s" + std::to_string(n), mqtt::version::v5, {.receive_maximum = 2}));
    talk.subscribe(subscribers.back(), "t", 1);
  }
  for (int n = 0; n < 20; ++n) talk.publish(publisher, "t", std::to_string(n), 1);
  talk.turn();
  std::vector<std::vector<std::string>> got(subscribers.size());
  for (int round = 0; round < 100; ++round) {
    for (std::size_t n = 0; n < subscribers.size(); ++n) {
      const auto publishes = talk.take_publishes(subscribers[n]);
      append(got[n], publishes);
      talk.acknowledge(subscribers[n], publishes);
    }
    talk.turn();
  }
  for (const auto& one : got) EXPECT_EQ(one, numbers(0, 20));
}

// What a fan-out encodes for each client is flushed on the way, not gathered for all of them.
TEST(fan_out, of_large_properties_is_flushed_on_the_way) {
  conversation talk;
  const auto publisher = talk.join("p", mqtt::version::v5);
  std::vector<std::uint32_t> subscribers;
  for (int n = 0; n < 60; ++n) {
    subscribers.push_back(talk.join("s" + std::to_string(n), mqtt::version::v5));
    talk.subscribe(subscribers.back(), "t", n % 2);
  }
  std::string properties;
  for (int n = 0; n < 15; ++n) properties += hex({0x26, 0, 1, 'k', 0xea, 0x60}) + std::string(60'000, 'v');
  talk.say(publisher, conversation::publish_packet("t", "one", 1, 1, mqtt::version::v5, properties));
  talk.say(publisher, conversation::publish_packet("t", "two", 1, 2, mqtt::version::v5));
  talk.turn();
  for (const auto subscriber : subscribers) {
    const auto got = talk.take_publishes(subscriber);
    ASSERT_EQ(got.size(), 2U);
    EXPECT_EQ(got[0].properties, properties);
    EXPECT_EQ(got[1].payload, "two");
    EXPECT_GE(talk.network[subscriber].sends, 3U);
  }
}

TEST(log, that_no_longer_has_what_a_client_missed_counts_the_loss) {
  base::limits limits;
  limits.log_memory_bytes = 512 * 1024;
  conversation talk(limits);
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s", mqtt::version::v5, {.receive_maximum = 1});
  talk.subscribe(subscriber, "t", 1);
  constexpr int sent = static_cast<int>(base::max_waiting) + 1500;
  for (int n = 0; n < sent; ++n) {
    talk.publish(publisher, "t", std::to_string(n) + std::string(1000, ' '), 1);
    talk.turn_a_little();
  }
  std::vector<std::string> got;
  talk.turn();
  for (int round = 0; round < sent; ++round) {
    const auto publishes = talk.take_publishes(subscriber);
    append(got, publishes);
    talk.acknowledge(subscriber, publishes);
    talk.turn();
  }
  const auto view = talk.view();
  EXPECT_GT(view.gateway.lost_below_log_start, 0U);
  EXPECT_EQ(got.size() + view.gateway.lost_below_log_start, std::size_t{sent});
  EXPECT_EQ(std::stoi(got.front()), 0);
  EXPECT_EQ(std::stoi(got.back()), sent - 1);
  EXPECT_TRUE(std::is_sorted(got.begin() + 1, got.end(),
                             [](const auto& a, const auto& b) { return std::stoi(a) < std::stoi(b); }));
}

// Messages whose expiry has passed while they waited are not sent [MQTT-3.3.2-5]; the others say what is left of it
// [MQTT-3.3.2-6].
TEST(expiry, counts_the_time_that_a_message_waited) {
  conversation talk;
  const auto publisher = talk.join("p", mqtt::version::v5);
  const auto subscriber = talk.join("s", mqtt::version::v5, {.receive_maximum = 1});
  talk.subscribe(subscriber, "t", 1);
  talk.publish(publisher, "t", "first", 1, 1);
  const auto expiry = [](int seconds) { return hex({0x02, 0, 0, 0, seconds}); };
  talk.say(publisher, conversation::publish_packet("t", "short", 1, 2, mqtt::version::v5, expiry(5)));
  talk.say(publisher, conversation::publish_packet("t", "long", 1, 3, mqtt::version::v5, expiry(60)));
  talk.turn();
  const auto first = talk.take_publishes(subscriber);
  talk.advance_s(20);
  talk.acknowledge(subscriber, first);
  talk.turn();
  const auto rest = talk.take_publishes(subscriber);
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].payload, "long");
  EXPECT_EQ(rest[0].expiry_s, 40U);
  EXPECT_EQ(talk.view().gateway.dropped_expired, 1U);
}

TEST(publisher, that_takes_no_acknowledgements_is_not_read_until_it_does) {
  base::limits limits;
  limits.max_output_bytes = 1024;
  limits.max_packet_bytes = 1024;
  conversation talk(limits);
  const auto publisher = talk.join("p");
  talk.network[publisher].takes = 0;
  for (int n = 0; n < 20'000; ++n) talk.publish(publisher, "t", "x", 1);
  talk.turn();
  EXPECT_FALSE(talk.network[publisher].reading);
  talk.network[publisher].takes = ~std::size_t{0};
  talk.turn();
  EXPECT_TRUE(talk.network[publisher].reading);
  EXPECT_EQ(talk.take(publisher).size(), 20'000U * 4);
  talk.advance_s(100);
  EXPECT_TRUE(talk.is_open(publisher));
}

TEST(publisher, that_takes_no_acknowledgements_for_thirty_seconds_is_closed) {
  base::limits limits;
  limits.max_output_bytes = 1024;
  limits.max_packet_bytes = 1024;
  conversation talk(limits);
  const auto publisher = talk.join("p", mqtt::version::v5);
  talk.network[publisher].takes = 0;
  for (int n = 0; n < 20'000; ++n) talk.publish(publisher, "t", "x", 1);
  talk.turn();
  talk.advance_s(29);
  EXPECT_EQ(talk.view().gateway.clients, 1U);
  talk.advance_s(3);
  EXPECT_EQ(talk.view().gateway.clients, 0U);
}

// It is behind, but it takes what comes, and its pings are answered.
TEST(subscriber, that_is_slow_is_still_read) {
  base::limits limits;
  limits.max_output_bytes = 1024;
  conversation talk(limits);
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s", mqtt::version::v3_1_1, {.keep_alive_s = 10});
  talk.subscribe(subscriber, "t", 0);
  for (int n = 0; n < 100; ++n) {
    talk.network[subscriber].takes = 100;
    for (int m = 0; m < 50; ++m) talk.publish(publisher, "t", std::string(100, 'x'), 0);
    if (n % 2 == 0) talk.say(subscriber, hex({0xc0, 0}));
    talk.advance_s(4);
  }
  EXPECT_TRUE(talk.is_open(subscriber));
  EXPECT_TRUE(talk.network[subscriber].reading);
  EXPECT_GT(talk.view().gateway.dropped_output_full, 4000U);
}

// However little of its window a client acknowledges, and whatever filled its output meanwhile, it gets the rest.
TEST(subscriber, that_acknowledges_only_when_its_whole_window_has_come_does_not_stall) {
  base::limits limits;
  limits.max_output_bytes = 1000;
  conversation talk(limits);
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s", mqtt::version::v5, {.receive_maximum = 20});
  talk.subscribe(subscriber, "t", 1);
  talk.network[subscriber].takes = 300;
  for (int n = 0; n < 100; ++n) talk.publish(publisher, "t", std::to_string(n) + std::string(80, 'x'), 1);
  talk.turn();
  talk.network[subscriber].takes = ~std::size_t{0};
  std::size_t got = 0;
  std::vector<received_publish> window;
  for (int round = 0; round < 100; ++round) {
    talk.turn();
    for (auto& publish : talk.take_publishes(subscriber)) window.push_back(std::move(publish));
    if (window.size() < 20) continue;
    got += window.size();
    talk.acknowledge(subscriber, window);
    window.clear();
  }
  EXPECT_EQ(got, 100U);
}

// Nothing is acknowledged that did not reach the log, whatever became of the client's number.
TEST(numbers, used_again_do_not_mix_clients_up) {
  conversation talk;
  talk.network.reuse_numbers = true;
  const auto subscriber = talk.join("s");
  talk.subscribe(subscriber, "t", 1);
  for (int round = 0; round < 200; ++round) {
    const auto publisher = talk.join("p" + std::to_string(round));
    talk.publish(publisher, "t", std::to_string(round), 1, 9);
    if (round % 2 == 0) {
      talk.network[publisher].closed_by_client = true;
      talk.turn();
    } else {
      talk.turn();
      EXPECT_EQ(talk.take(publisher), conversation::puback(9));
      talk.say(publisher, hex({0xe0, 0}));
      talk.turn();
    }
    const auto publishes = talk.take_publishes(subscriber);
    ASSERT_EQ(publishes.size(), 1U);
    talk.acknowledge(subscriber, publishes);
  }
  EXPECT_EQ(talk.view().gateway.clients, 1U);
}

}  // namespace headgate::worker::testing
