// QoS 2 messages that come again (MQTT 5.0, 4.3.3): the shard knows them, also after it was killed.

#include "broker/shard/snapshot.hpp"
#include "tests/unit/broker/log/log_house.hpp"
#include "tests/unit/broker/shard/group_bench.hpp"

namespace headgate::broker::shard {
namespace {

using tests::delivered;
using tests::group_bench;
using tests::log_house;
using tests::log_kind;
using tests::owned_message;
using tests::shard_bench;

owned_message once(std::uint64_t number, std::uint64_t nonce = 7) {
  return {.topic = "a", .qos = 2, .payload = {}, .exchange = {nonce, number}};
}

std::vector<std::uint64_t> places(const std::vector<delivered>& records) {
  std::vector<std::uint64_t> found;
  for (const auto& record : records) found.push_back(record.place);
  return found;
}

using offsets = std::vector<std::uint64_t>;

TEST(exchanges, message_that_comes_again_is_acknowledged_and_given_to_nobody) {
  for (const auto kind : {log_kind::now, log_kind::later}) {
    group_bench bench(1, kind);
    bench.add_filter(0, 1, "#");
    bench.join(0, 2, "$share/g/a");
    bench.credit(0, 2, 100);
    bench.clear_inboxes();
    bench.publish(0, {once(1), once(2)});
    bench.publish(0, {once(2), once(3), once(3)});
    EXPECT_EQ(places(bench.streamed(0)), (offsets{0, 1, 3}));
    EXPECT_EQ(places(bench.given(0)), (offsets{0, 1, 3}));
    EXPECT_EQ(bench.all<link::appended>(0).back().through, record::sequence{5});
    EXPECT_EQ(view_of(bench.state).records_repeated, 2U);
    EXPECT_EQ(view_of(bench.state).exchanges, 3U);
  }
}

TEST(exchanges, are_those_of_one_session) {
  shard_bench bench(1);
  bench.add_filter(0, 1, "#");
  bench.clear_inboxes();
  bench.publish(0, {once(1, 7), once(1, 8)});
  EXPECT_EQ(bench.streamed(0).size(), 2U);
}

// Who reads the log later sees it once, too.
TEST(exchanges, message_that_comes_again_is_not_read_from_the_log) {
  group_bench bench(1);
  bench.add_filter(0, 1, "#");
  bench.join(0, 2, "$share/g/a");
  bench.publish(0, {once(1), once(1), once(2)});
  bench.clear_inboxes();
  const std::vector<std::uint32_t> filters{1};
  on_read(bench.state, {base::worker_id{0}, {1, 1}, link::offset{0}, 0, 0, 1000, 1'000'000}, filters, {},
          bench.inboxes);
  std::vector<delivered> read;
  for (const auto& batch : bench.all<link::read_batch>(0)) bench.collect(0, batch, read);
  EXPECT_EQ(places(read), (offsets{0, 2}));
  bench.credit(0, 2, 100);
  bench.run();
  EXPECT_EQ(places(bench.given(0)), (offsets{0, 2}));
}

TEST(exchanges, one_that_comes_again_does_not_replace_a_newer_retained_message) {
  shard_bench bench(1);
  auto first = once(1);
  first.retain = true;
  auto newer = once(2);
  newer.retain = true;
  newer.payload = "newer";
  bench.publish(0, {first});
  bench.publish(0, {newer});
  bench.publish(0, {first});
  retained_answer answer;
  ASSERT_TRUE(bench.retained.scan({"a", {}, link::offset{100}, 10, 1000, 0}, answer));
  ASSERT_EQ(answer.values.size(), 1U);
  EXPECT_EQ(answer.values[0].header().base_offset, 1U);
}

TEST(exchanges, are_forgotten_when_they_are_finished) {
  shard_bench bench(1);
  bench.publish(0, {once(1), once(2)});
  link::shard_inbox inbox;
  inbox.messages.emplace_back(link::forget{base::worker_id{0}, {7, 1}});
  inbox.messages.emplace_back(link::forget{base::worker_id{0}, {7, 99}});
  run_messages(bench.state, inbox, base::wall_ms{1}, bench.inboxes);
  EXPECT_EQ(view_of(bench.state).exchanges, 1U);
}

// A client that never finishes costs nothing once the log has dropped its messages.
TEST(exchanges, are_forgotten_with_their_messages) {
  shard_bench bench(1, log_kind::now, 100'000);
  for (std::uint64_t number = 1; number < 20'000; ++number) bench.publish(0, {once(number)});
  EXPECT_LT(view_of(bench.state).exchanges, 10'000U);
}

TEST(exchanges, of_too_many_the_oldest_are_forgotten) {
  exchange_set set;
  for (std::uint64_t n = 0; n < 100; ++n) set.insert({7, n}, link::offset{n});
  EXPECT_EQ(set.forget_below(link::offset{0}, 100), 0U);
  EXPECT_EQ(set.forget_below(link::offset{0}, 99), 50U);
  EXPECT_TRUE(set.insert({7, 49}, link::offset{200}));
  EXPECT_FALSE(set.insert({7, 50}, link::offset{200}));
}

TEST(exchanges, are_folded_from_the_log_after_it_was_killed) {
  log_house house;
  ASSERT_TRUE(house.open());
  {
    shard_bench bench(1, *house.log);
    bench.append(0, {once(1), once(2)});
    bench.run();
    ASSERT_EQ(bench.all<link::appended>(0).size(), 1U);
  }
  house.kill();
  ASSERT_TRUE(house.open());
  shard_bench bench(1, *house.log);
  ASSERT_TRUE(fold_log(bench.state, base::wall_ms{0}));
  EXPECT_EQ(view_of(bench.state).exchanges, 2U);
  bench.add_filter(0, 1, "#");
  bench.clear_inboxes();
  bench.append(0, {once(2), once(3)});
  bench.run();
  EXPECT_EQ(bench.streamed(0).size(), 1U);
  EXPECT_EQ(view_of(bench.state).records_repeated, 1U);
}

// Through segments that come and go, kills and ends in order: always what was given and not finished.
TEST(exchanges, property_fold_is_what_was_known) {
  tests::for_each_seed([](tests::dice& dice) {
    log_house house;
    house.options.segment_bytes = 2000 + dice.below(4000);
    ASSERT_TRUE(house.open());
    std::uint64_t number = 0;
    std::set<std::uint64_t> given;
    for (int life = 0; life < 6; ++life) {
      shard_bench bench(1, *house.log);
      ASSERT_TRUE(fold_log(bench.state, base::wall_ms{0}));
      for (const auto known : given) EXPECT_FALSE(bench.state.exchanges.insert({7, known}, link::offset{0})) << known;
      // What was finished since the newest snapshot comes back with the fold: it is never asked for again.
      for (auto turns = dice.below(40); turns > 0; --turns) {
        for (auto messages = dice.below(4); messages > 0; --messages) {
          given.insert(++number);
          bench.append(0, {once(number)});
        }
        if (!given.empty() && dice.one_in(2)) {
          bench.state.exchanges.erase({7, *given.begin()});
          given.erase(given.begin());
        }
        bench.run();
        house.settle();
      }
      bench.run();
      if (dice.one_in(2)) {
        house.kill();
      } else {
        house.close();
      }
      ASSERT_TRUE(house.open());
    }
    // Without snapshots all that ever came would be known.
    shard_bench bench(1, *house.log);
    ASSERT_TRUE(fold_log(bench.state, base::wall_ms{0}));
    if (number > 150) {
      EXPECT_LT(bench.state.exchanges.size(), number);
    }
  });
}

TEST(exchanges, snapshot_has_these_bytes) {
  exchange_set set;
  set.insert({0x1122'3344'5566'7788, 3}, link::offset{0x99});
  const auto bytes = encode_snapshot(set);
  const std::string expected(
      "\1\0\0\0\0\0\0\0"
      "\1\0\0\0\0\0\0\0"
      "\x88\x77\x66\x55\x44\x33\x22\x11"
      "\3\0\0\0\0\0\0\0"
      "\x99\0\0\0\0\0\0\0",
      40);
  EXPECT_EQ(bytes, expected);
  exchange_set read;
  ASSERT_TRUE(decode_snapshot(base::as_bytes(bytes), read));
  EXPECT_FALSE(read.insert({0x1122'3344'5566'7788, 3}, link::offset{0}));
  EXPECT_EQ(read.size(), 1U);
}

TEST(exchanges, what_is_no_snapshot_is_refused) {
  exchange_set set;
  for (std::uint64_t n = 0; n < 3; ++n) set.insert({7, n}, link::offset{n});
  const auto whole = encode_snapshot(set);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    exchange_set read;
    EXPECT_FALSE(decode_snapshot(base::as_bytes(std::string_view(whole).substr(0, size)), read)) << size;
    EXPECT_EQ(read.size(), 0U);
  }
  auto other = whole;
  other[0] = 2;
  exchange_set read;
  EXPECT_FALSE(decode_snapshot(base::as_bytes(other), read));
}

}  // namespace
}  // namespace headgate::broker::shard
